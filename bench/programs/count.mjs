// A command that is counted, and ends at once.
/** @type {typeof import('../../src/index.ts')} */
const { openTelemetry } = await import(process.argv[2] ?? '');
openTelemetry({ version: '1.6.1' }).count('cli_command', 'query', { ok: true });
process.exit(0);
