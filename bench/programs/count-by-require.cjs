// The same in a host that is CommonJS, as the engine is.
/** @type {typeof import('../../src/index.ts')} */
const { openTelemetry } = require(process.argv[2] ?? '');
openTelemetry({ version: '1.6.1' }).count('cli_command', 'query', { ok: true });
process.exit(0);
