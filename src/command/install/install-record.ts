import files from 'node:fs';
import { installRecordFile, spoolFolder } from '../../../contract/files.ts';
import { maxChoiceFileBytes } from '../../../contract/limits.ts';
import { readText } from '../../../contract/read-file.ts';
import { makeFolder, replaceFile } from '../../../contract/write-file.ts';
import type { InstallKind } from '../../../contract/report/lists.ts';

/** The engine's version at the last install; undefined when none is known. */
export function readInstalledVersion(home: string): string | undefined {
  const reading = readText(`${home}/${installRecordFile}`, maxChoiceFileBytes, files);
  if (reading.state !== 'read') return undefined;
  try {
    const { engine_version } = JSON.parse(reading.text) as { readonly engine_version?: unknown };
    return typeof engine_version === 'string' ? engine_version : undefined;
  } catch {
    // Damaged: as good as none.
    return undefined;
  }
}

/**
 * Remembers it for the next install.
 *
 * @throws what the file system throws.
 */
export function writeInstalledVersion(home: string, version: string): void {
  makeFolder(home, files);
  makeFolder(`${home}/${spoolFolder}`, files);
  const text = `${JSON.stringify({ engine_version: version })}\n`;
  replaceFile(`${home}/${installRecordFile}`, text, files);
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
