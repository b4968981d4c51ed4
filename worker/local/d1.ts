import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Rows of the ingest's database. */
export type Query = (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

const root = fileURLToPath(new URL('../..', import.meta.url));

// The binding: its name differs between environments.
const database = 'DB';

/** Asks the deployed database, or the one of `wrangler dev`, by wrangler and its log-in. */
export function openD1(isRemote: boolean, environment?: string): Query {
  return async (sql) => {
    const output = await runWrangler([
      'd1',
      'execute',
      database,
      '--json',
      isRemote ? '--remote' : '--local',
      ...(environment === undefined ? [] : ['--env', environment]),
      '--command',
      sql,
    ]);
    const answers = JSON.parse(output) as readonly { results: Record<string, unknown>[] }[];
    return answers.flatMap(({ results }) => results);
  };
}

/** What wrangler prints. @throws Error with its last words when it fails. */
export async function runWrangler(args: readonly string[]): Promise<string> {
  const wrangler = join(root, 'node_modules/wrangler/bin/wrangler.js');
  const all = [wrangler, ...args, '--cwd', join(root, 'worker')];
  const { stdout } = await promisify(execFile)(process.execPath, all, {
    maxBuffer: 64 * 1024 ** 2,
  });
  return stdout;
}
