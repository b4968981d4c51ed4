import * as files from '../../contract/files.ts';
import { code, table } from './markdown.ts';
import { readNotes } from './source-notes.ts';

/** Every file that can be there, with what the contract says of it. */
export function describeFiles(): string {
  const names = new Map(Object.entries(files));
  const rows = [...readNotes('contract/files.ts')].map(([constant, what]) => {
    const name = names.get(constant);
    if (name === undefined || what === '') throw new Error(`files.ts: ${constant} has no note`);
    return [code(name), what];
  });
  return table(['Name under `~/.codegraph`', 'What it is'], rows);
}
