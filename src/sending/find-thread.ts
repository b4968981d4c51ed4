import files from 'node:fs';
import { attempt } from '../host-values.ts';

const threadFile = 'thread.mjs';

/** Absent in an ES module; the only clue in a CommonJS bundle, where `import.meta` is empty. */
declare const __filename: string | undefined;

/**
 * The file to start the sender thread with: what the host named, else the file beside this module,
 * beside the bundle that this module became a part of, or in the installed package.
 *
 * @throws Error with one sentence for the user when there is none.
 */
export function findThread(named: string | URL | undefined): string {
  if (named !== undefined) return checkNamed(toPath(named));
  for (const place of places) {
    // A bundle has no URL of its own, or nothing is installed where it runs.
    const path = attempt(place);
    if (path !== undefined && files.existsSync(path)) return path;
  }
  throw new Error(
    `${threadFile} of codegraph-telemetry is missing: copy it beside the bundle, or name it in ` +
      'openTelemetry({ thread })',
  );
}

// In the first, a bundler that knows this convention recognizes an asset of its own.
const places: readonly (() => string)[] = [
  () => toPath(new URL('./thread.mjs', import.meta.url)),
  () => toPath(new URL(threadFile, moduleUrl())),
  () =>
    process
      .getBuiltinModule('node:module')
      .createRequire(moduleUrl())
      .resolve('codegraph-telemetry/thread'),
];

function moduleUrl(): URL {
  if (typeof __filename !== 'string') return new URL(import.meta.url);
  return process.getBuiltinModule('node:url').pathToFileURL(__filename);
}

function checkNamed(path: string): string {
  if (path.startsWith('data:') || files.existsSync(path)) return path;
  throw new Error(`${path}, which openTelemetry({ thread }) names, does not exist`);
}

function toPath(place: string | URL): string {
  const text = String(place);
  return text.startsWith('file:') ? process.getBuiltinModule('node:url').fileURLToPath(text) : text;
}
