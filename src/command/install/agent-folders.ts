import { join, resolve } from 'node:path';

/** Where an agent's files are looked for. */
export interface Surroundings {
  /** The user's home folder. */
  readonly home: string;
  /** The project's folder. */
  readonly project: string;
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
}

/** The folders that users can move, each as the engine finds it. */
export const folders = {
  claude({ home, env }: Surroundings): string {
    const moved = read(env['CLAUDE_CONFIG_DIR']);
    return moved === undefined ? join(home, '.claude') : resolve(moved);
  },

  /** Of the one file of Claude Code that lies beside its folder, but inside one that was moved. */
  claudeFile(at: Surroundings): string {
    return read(at.env['CLAUDE_CONFIG_DIR']) === undefined ? at.home : folders.claude(at);
  },

  codex({ home, env }: Surroundings): string {
    return read(env['CODEX_HOME']) ?? join(home, '.codex');
  },

  copilotCli({ home, env }: Surroundings): string {
    return read(env['COPILOT_HOME']) ?? join(home, '.copilot');
  },

  hermes({ home, env }: Surroundings): string {
    const moved = env['HERMES_HOME'];
    return moved ? resolve(moved) : join(home, '.hermes');
  },

  opencode(at: Surroundings): string {
    return join(configuration(at), 'opencode');
  },

  /** Where versions of opencode before had theirs. */
  oldOpencode({ home, env }: Surroundings): string {
    return join(read(env['APPDATA']) ?? join(home, 'AppData', 'Roaming'), 'opencode');
  },

  vscodeUser(at: Surroundings): string {
    return join(applicationData(at), 'Code', 'User');
  },

  jetbrains(at: Surroundings): string {
    return join(applicationData(at), 'JetBrains');
  },

  /** Of the Copilot plugin, beside and not inside those of the IDEs. */
  jetbrainsCopilot({ home, env, platform }: Surroundings): string {
    const local =
      platform === 'win32'
        ? (read(env['LOCALAPPDATA']) ?? join(home, 'AppData', 'Local'))
        : join(home, '.config');
    return join(read(env['XDG_CONFIG_HOME']) ?? local, 'github-copilot', 'intellij');
  },
};

function configuration({ home, env }: Surroundings): string {
  return read(env['XDG_CONFIG_HOME']) ?? join(home, '.config');
}

function applicationData(at: Surroundings): string {
  if (at.platform === 'win32')
    return read(at.env['APPDATA']) ?? join(at.home, 'AppData', 'Roaming');
  const isMac = at.platform === 'darwin';
  return isMac ? join(at.home, 'Library', 'Application Support') : configuration(at);
}

/** A variable that is blank counts as not set. */
function read(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value;
}
