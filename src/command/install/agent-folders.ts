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
  /** Of Claude Code; a profile of one's own has everything in it. */
  claude({ home, env }: Surroundings): string {
    const profile = read(env['CLAUDE_CONFIG_DIR']);
    return profile === undefined ? join(home, '.claude') : resolve(profile);
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
  switch (at.platform) {
    case 'win32':
      return read(at.env['APPDATA']) ?? join(at.home, 'AppData', 'Roaming');
    case 'darwin':
      return join(at.home, 'Library', 'Application Support');
    default:
      return configuration(at);
  }
}

/** A variable that is blank counts as not set. */
function read(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value;
}
