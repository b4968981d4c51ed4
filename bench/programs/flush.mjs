// One flush of whatever lies in the buffer, from cold: the library, and how long to rest afterwards.
import { watchProcess } from './watch-process.cjs';

/** @type {typeof import('../../src/index.ts')} */
const { openTelemetry } = await import(process.argv[2] ?? '');
const telemetry = openTelemetry({ version: '1.6.1' });
// Returns when the thread is gone.
await watchProcess(() => telemetry.flush(), Number(process.argv[3] ?? 0));
