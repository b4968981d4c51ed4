import { execFile } from 'node:child_process';
import type { Engine } from './engine.ts';
import { engineEnv } from './run-engine.ts';

/** What the engine says of an indexed project. */
export interface IndexedProject {
  readonly languages: readonly string[];
  readonly fileCount: number;
  /** When it was last indexed, epoch milliseconds. */
  readonly indexedAt: number;
}

/** Asks the engine's `status --json`; undefined when it does not answer in time, or has no index. */
export function askIndexedProject(
  engine: Engine,
  path: string,
  timeoutMs: number,
): Promise<IndexedProject | undefined> {
  const args = [...engine.prefix, 'status', path, '--json'];
  return new Promise((resolve) => {
    execFile(engine.file, args, { env: engineEnv(), timeout: timeoutMs }, (error, stdout) => {
      resolve(error === null ? readStatus(stdout) : undefined);
    });
  });
}

function readStatus(text: string): IndexedProject | undefined {
  try {
    const status = JSON.parse(text) as { readonly [key: string]: unknown };
    const { languages, fileCount, lastIndexed } = status;
    if (!Array.isArray(languages) || typeof fileCount !== 'number') return undefined;
    return {
      languages: languages.filter((name) => typeof name === 'string'),
      fileCount,
      indexedAt: Date.parse(String(lastIndexed)),
    };
  } catch {
    // An engine of another version that prints something else.
    return undefined;
  }
}
