import { mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ConsentPaths } from '../../contract/consent.ts';
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

/** A home in which nothing was ever run, for as long as the running test. */
export function newHome(): TestHome {
  const home = openHome();
  onTestFinished(() => {
    home[Symbol.dispose]();
  });
  return home;
}

/** Stores a choice as a hand, the engine or a half-finished write would have left it. */
export function writeChoice({ folder }: TestHome, text: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, choiceFileName), text, { mode: 0o600 });
}

/** An empty folder for the running test, removed when that is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'codegraph-telemetry-test-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  return folder;
}

/** A `~/.codegraph` that exists and is empty, on a machine without a policy. */
export function temporaryPaths(): ConsentPaths {
  const folder = temporaryFolder();
  const dataDir = join(folder, '.codegraph');
  mkdirSync(dataDir);
  return { dataDir, policyFile: join(folder, 'policy.json') };
}

/** The same with an empty spool in it. */
export function temporarySpool(): ConsentPaths {
  const paths = temporaryPaths();
  mkdirSync(join(paths.dataDir, spoolFolder));
  return paths;
}

/** Whether nobody but its owner can read or write a file or folder; Windows has no such modes. */
export function isPrivate(path: string): boolean {
  return process.platform === 'win32' || (statSync(path).mode & 0o077) === 0;
}
