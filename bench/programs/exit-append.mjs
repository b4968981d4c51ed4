// Appends one count as at an exit, again and again; prints microseconds, the first time first.
import { closeSync, copyFileSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

const [, , contestant = '', library = '', file = '', original = '', repeats = '1'] = process.argv;

const { count, append } = await prepare();
const microseconds = [];
for (let repeat = 0; repeat < Number(repeats); repeat++) {
  // Each time the same load as at first.
  if (original === '') rmSync(file, { force: true });
  else copyFileSync(original, file);
  count();
  const start = process.hrtime.bigint();
  append();
  microseconds.push(Number(process.hrtime.bigint() - start) / 1_000);
}
process.stdout.write(JSON.stringify(microseconds));

async function prepare() {
  if (contestant === 'ours') return await prepareOurs();
  return contestant === 'published' ? preparePublished() : prepareLeast();
}

async function prepareOurs() {
  /** @type {typeof import('../../src/index.ts')} */
  const { openTelemetry } = await import(library);
  const telemetry = openTelemetry({ version: '1.6.1' });
  return {
    count: () => telemetry.count('cli_command', 'query', { ok: true }),
    append: () => telemetry.persist(),
  };
}

function preparePublished() {
  const client = createRequire(import.meta.url)(library).getTelemetry();
  return {
    count: () => client.recordUsage('cli_command', 'query', true),
    append: () => client.persistSync(),
  };
}

/** What an append cannot do without. */
function prepareLeast() {
  const bytes = new Uint8Array(40);
  mkdirSync(dirname(file), { recursive: true });
  return {
    count: () => {},
    append: () => {
      const descriptor = openSync(file, 'a');
      writeSync(descriptor, bytes);
      closeSync(descriptor);
    },
  };
}
