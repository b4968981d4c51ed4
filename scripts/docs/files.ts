import * as files from '../../spec/contract/files.ts';
import { code, table } from './markdown.ts';
import { readNotes } from './source-notes.ts';

/** Every file that can be there, with what the contract says of it. */
export function describeFiles(): string {
  const rows = [...readNotes('spec/contract/files.ts')].map(([name, what]) => {
    if (!Object.hasOwn(files, name) || what === '')
      throw new Error(`files.ts: ${name} has no note`);
    return [code(files[name as keyof typeof files]), what];
  });
  return table(['Name under `~/.codegraph`', 'What it is'], rows);
}
