import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choiceFileName, spoolFolder } from '../../contract/files.ts';

/** A user's home and a project in it, in a temporary folder that goes when it is disposed of. */
export interface TestHome extends Disposable {
  /** The temporary folder: for what belongs to the test alone. */
  readonly root: string;
  /** HOME of every program that the test starts. */
  readonly home: string;
  /** `~/.codegraph`. */
  readonly folder: string;
  /** Where telemetry keeps its files. */
  readonly spool: string;
  /** A small source tree, not indexed. */
  readonly project: string;
}

/** Makes a home in which nothing was ever run. */
export function openHome(): TestHome {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'codegraph-promise-')));
  const home = join(root, 'home');
  const project = join(root, 'project');
  const folder = join(home, '.codegraph');
  mkdirSync(home);
  mkdirSync(project);
  writeFileSync(join(project, 'greet.ts'), 'export const greet = (who: string) => `Hi ${who}`;\n');
  writeFileSync(join(project, 'wave.ts'), 'export const wave = () => {};\n');
  writeFileSync(join(project, 'leave.py'), 'def leave(who):\n    return f"Bye {who}"\n');
  return {
    root,
    home,
    folder,
    spool: join(folder, spoolFolder),
    project,
    [Symbol.dispose]() {
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Stores a choice as a hand, the engine or a half-finished write would have left it. */
export function writeChoice({ folder }: TestHome, text: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, choiceFileName), text, { mode: 0o600 });
}

/** Every file and folder below `folder`, by its path from there; nothing when there is no folder. */
export function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
