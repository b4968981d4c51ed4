// One flush of what a peer has counted of a machine-day, in one process and at once.
const { countMachineDay } = require('./machine-day.cjs');
const { openPeer } = require('./peers.cjs');
const { watchProcess } = require('./watch-process.cjs');

const [, , name = '', folder = ''] = process.argv;
const peer = openPeer(name, folder, process.env['CODEGRAPH_TELEMETRY_ENDPOINT'] ?? '');
for (const uses of countMachineDay()) for (const use of uses) peer.count(...use);
void watchProcess(() => peer.flush().catch(() => 'gave up'));
