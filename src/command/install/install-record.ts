import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { installRecordFile, spoolFolder } from '../../../contract/files.ts';
import { maxChoiceFileBytes } from '../../../contract/limits.ts';
import type { InstallKind } from '../../../contract/report/lists.ts';

/** The engine's version at the last install; undefined when none is known. */
export function readInstalledVersion(home: string): string | undefined {
  try {
    const path = `${home}/${installRecordFile}`;
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat?.isFile() || stat.size > maxChoiceFileBytes) return undefined;
    const { engine_version } = JSON.parse(readFileSync(path, 'utf8')) as {
      readonly engine_version?: unknown;
    };
    return typeof engine_version === 'string' ? engine_version : undefined;
  } catch {
    // Damaged, or not ours to read: as good as none.
    return undefined;
  }
}

/**
 * Remembers it for the next install.
 *
 * @throws what the file system throws.
 */
export function writeInstalledVersion(home: string, version: string): void {
  mkdirSync(`${home}/${spoolFolder}`, { recursive: true, mode: 0o700 });
  const text = `${JSON.stringify({ engine_version: version })}\n`;
  writeFileSync(`${home}/${installRecordFile}`, text, { mode: 0o600 });
}

/** What kind of install it was, from facts: adding an agent to an installation is not a new one. */
export function kindOf(
  wasConfigured: boolean,
  recorded: string | undefined,
  version: string,
): InstallKind {
  if (!wasConfigured) return 'fresh';
  return recorded !== undefined && recorded !== version ? 'upgrade' : 'reinstall';
}
