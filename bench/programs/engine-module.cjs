// Loads a telemetry module of the engine, counts once and persists as an exit does; prints the
// milliseconds of each step, as `EngineModuleFigures`.
const library = process.argv[2] ?? '';

const start = performance.now();
/** @type {Partial<typeof import('../../src/index.ts')> & { getTelemetry?: () => import('../../src/index.ts').EngineTelemetry }} */
const loaded = require(library);
const own = loaded.openEngineTelemetry?.({ version: '1.6.1' }) ?? loaded;
const telemetry = own.getTelemetry?.();
const opened = performance.now();
telemetry?.recordUsage('cli_command', 'query', true);
const counted = performance.now();
process.emit('exit', 0);
const persisted = performance.now();
process.stdout.write(
  JSON.stringify({
    open: opened - start,
    count: counted - opened,
    persist: persisted - counted,
    all: persisted - start,
  }),
);
