// Loads a module and opens telemetry; prints `OpenFigures` as JSON.
import { reportOpening } from './report-opening.cjs';

const library = process.argv[2] ?? '';

const start = performance.now();
/** @type {Partial<typeof import('../../src/index.ts')>} */
const { openTelemetry } = await import(library);
openTelemetry?.({ version: '1.6.1' });
reportOpening(start);
