import { statSync } from 'node:fs';
import { join } from 'node:path';

// The engine's own names, the second for projects on a Windows drive under WSL.
const folders = ['.codegraph', '.codegraph-wsl'];
const databaseFile = 'codegraph.db';

/** Whether a project has an index, by what the engine's file system shows: a stat or three. */
export function hasIndex(project: string, env: NodeJS.ProcessEnv): boolean {
  const named = env['CODEGRAPH_DIR']?.trim();
  return [...(named ? [named] : []), ...folders].some((folder) => {
    try {
      const path = join(project, folder, databaseFile);
      return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
    } catch {
      // Not even to be looked at: then the engine says what is wrong.
      return false;
    }
  });
}
