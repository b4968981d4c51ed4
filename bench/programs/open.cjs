// Loads the published client and opens it; prints `OpenFigures` as JSON.
const { reportOpening } = require('./report-opening.cjs');

const library = process.argv[2] ?? '';

const start = performance.now();
require(library).getTelemetry?.();
reportOpening(start);
