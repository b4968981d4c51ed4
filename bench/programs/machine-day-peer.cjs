// A machine-day by a peer: each process delivers at its end what it has counted. Prints nothing.
const { countMachineDay } = require('./machine-day.cjs');
const { openPeer } = require('./peers.cjs');

const [, , name = '', folder = ''] = process.argv;
const endpoint = process.env['CODEGRAPH_TELEMETRY_ENDPOINT'] ?? '';

void deliver();

async function deliver() {
  for (const uses of countMachineDay()) {
    const peer = openPeer(name, folder, endpoint);
    for (const use of uses) peer.count(...use);
    await peer.flush();
  }
  process.stdout.write('null', () => process.exit(0));
}
