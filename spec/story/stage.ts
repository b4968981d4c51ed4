import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const clock = fileURLToPath(new URL('clock-of-yesterday.mjs', import.meta.url));

/** How a command ended and what it printed. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A temporary home with a real project in it, and our built command. */
export interface Stage {
  readonly home: string;
  run(args: readonly string[], when: 'yesterday' | 'today'): Promise<Outcome>;
  clear(): void;
}

/** Copies this repository's own sources as the project. Nothing outside the folder is written. */
export function setStage(endpoint: string): Stage {
  const folder = mkdtempSync(join(tmpdir(), 'codegraph-story-'));
  const home = join(folder, 'home');
  const project = join(folder, 'project');
  mkdirSync(home);
  for (const part of ['src', 'sender-thread', 'spec/contract', 'worker/src']) {
    cpSync(join(root, part), join(project, part), { recursive: true });
  }
  return {
    home,
    run: (args, when) => {
      const command = [join(root, 'dist', 'codegraph.js'), ...args];
      const env = environment(home, endpoint, when);
      // Not the synchronous form: the wire is tapped in this very process.
      return new Promise((resolve) => {
        execFile(process.execPath, command, { cwd: project, env }, (error, stdout, stderr) => {
          resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
        });
      });
    },
    clear: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a user's shell would have, and nothing of the choices of whoever runs this. */
function environment(home: string, endpoint: string, when: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: home,
    USERPROFILE: home,
    CODEGRAPH_TELEMETRY_ENDPOINT: endpoint,
    CODEGRAPH_NO_UPDATE_CHECK: '1',
    NO_COLOR: '1',
    ...(when === 'yesterday' && { NODE_OPTIONS: `--import=${clock}` }),
  };
}
