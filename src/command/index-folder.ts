import { type Stats, statSync } from 'node:fs';
import { join } from 'node:path';

// The engine's own names, the second for projects on a Windows drive under WSL.
const folders = ['.codegraph', '.codegraph-wsl'];
const databaseFile = 'codegraph.db';

/** Whether a project has an index, by what the engine's file system shows: a stat or three. */
export function hasIndex(project: string, env: NodeJS.ProcessEnv): boolean {
  return findIndex(project, env) !== undefined;
}

/** Epoch milliseconds at which a project's index was begun; undefined where it has none. */
export function indexBegunAt(project: string, env: NodeJS.ProcessEnv): number | undefined {
  return findIndex(project, env)?.birthtimeMs;
}

function findIndex(project: string, env: NodeJS.ProcessEnv): Stats | undefined {
  const named = env['CODEGRAPH_DIR']?.trim();
  for (const folder of [...(named ? [named] : []), ...folders]) {
    try {
      const path = join(project, folder, databaseFile);
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats !== undefined && stats.size > 0) return stats;
    } catch {
      // Not even to be looked at: then the engine says what is wrong.
    }
  }
  return undefined;
}
