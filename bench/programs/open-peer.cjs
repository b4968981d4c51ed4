// Loads a peer and opens it; prints `OpenFigures` as JSON.
const { openPeer } = require('./peers.cjs');
const { reportOpening } = require('./report-opening.cjs');

const [, , peer = '', folder = ''] = process.argv;

const start = performance.now();
openPeer(peer, folder, process.env['CODEGRAPH_TELEMETRY_ENDPOINT'] ?? '');
reportOpening(start);
process.exit(0);
