import { execFile } from 'node:child_process';
import { maxFileListBytes } from '../../contract/limits.ts';
import type { Engine } from './engine.ts';
import { engineEnv } from './run-engine.ts';

/** What the engine says of an indexed project. */
export interface IndexedProject {
  /** Most used first. */
  readonly languages: readonly string[];
  readonly fileCount: number;
}

/**
 * Asks the engine's `files --json`; undefined when it does not answer in time, or has no index.
 * Its `status --json` would say less (no order of languages) and take three times as long on a
 * project of 4,000 files. Paths are in the answer: it is counted here and goes no further.
 */
export function askIndexedProject(
  { file, prefix }: Engine,
  path: string,
  timeout: number,
): Promise<IndexedProject | undefined> {
  const args = [...prefix, 'files', '--path', path, '--json'];
  // It changes nothing, and so may be killed: one that ignores SIGTERM would keep this command.
  const options = {
    env: engineEnv(),
    timeout,
    killSignal: 'SIGKILL',
    maxBuffer: maxFileListBytes,
  } as const;
  return new Promise((resolve) => {
    execFile(file, args, options, (error, stdout) => {
      resolve(error === null ? readFiles(stdout) : undefined);
    });
  });
}

function readFiles(text: string): IndexedProject | undefined {
  try {
    const files = JSON.parse(text) as readonly { readonly language: unknown }[];
    const uses = new Map<string, number>();
    for (const { language } of files) {
      if (typeof language === 'string') uses.set(language, (uses.get(language) ?? 0) + 1);
    }
    const languages = [...uses].toSorted(([, one], [, other]) => other - one).map(([name]) => name);
    return { languages, fileCount: files.length };
  } catch {
    // Words instead: there are no files, or an engine of another version.
    return undefined;
  }
}
