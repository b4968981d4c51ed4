// A command that a peer counts, and that ends at once; the count is lost.
const { openPeer } = require('./peers.cjs');

const [, , peer = '', folder = ''] = process.argv;
openPeer(peer, folder, process.env['CODEGRAPH_TELEMETRY_ENDPOINT'] ?? '').count(
  'cli_command',
  'query',
);
process.exit(0);
