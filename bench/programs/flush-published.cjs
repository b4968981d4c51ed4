// One flush of whatever lies in the published client's queue.
const { watchProcess } = require('./watch-process.cjs');

const telemetry = require(process.argv[2] ?? '').getTelemetry();
void watchProcess(() => telemetry.flushNow(), Number(process.argv[3] ?? 0));
