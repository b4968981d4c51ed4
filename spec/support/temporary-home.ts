import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ConsentPaths } from '../../contract/consent.ts';
import { spoolFolder } from '../../contract/files.ts';

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
