import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { InstallScope, Target } from '../../../contract/report/lists.ts';
import { folders, type Surroundings } from './agent-folders.ts';

export type AgentId = Exclude<Target, 'other'>;

/** One agent that the engine's installer knows. */
export interface Agent {
  readonly id: AgentId;
  /** As the engine calls it. */
  readonly name: string;
  /** Its MCP configuration; undefined where it has none of that scope. */
  readonly configFile: (scope: InstallScope, at: Surroundings) => string | undefined;
  /** How that file is written, and in JSON the keys below which the servers are. */
  readonly format: 'toml' | 'yaml' | readonly (readonly string[])[];
  /** Whether it is there at all, judged by its traces as the engine does. */
  readonly isPresent: (scope: InstallScope, at: Surroundings) => boolean;
}

const mcpServers = [['mcpServers']];

/** The eleven agents. A test holds this table against the real engine. */
export const agents: readonly Agent[] = [
  {
    id: 'claude',
    name: 'Claude Code',
    configFile: (scope, at) =>
      scope === 'global' ? claudeFile(at) : join(at.project, '.mcp.json'),
    format: mcpServers,
    isPresent: (scope, at) =>
      scope === 'global'
        ? isAny(folders.claude(at), claudeFile(at))
        : isAny(join(at.project, '.claude'), join(at.project, '.mcp.json')),
  },
  {
    id: 'cursor',
    name: 'Cursor',
    configFile: (scope, at) => join(base(scope, at), '.cursor', 'mcp.json'),
    format: mcpServers,
    isPresent: (scope, at) => isAny(join(base(scope, at), '.cursor')),
  },
  {
    id: 'codex',
    name: 'Codex CLI',
    configFile: (scope, at) => join(codexFolder(scope, at), 'config.toml'),
    format: 'toml',
    isPresent: (scope, at) => isAny(codexFolder(scope, at)),
  },
  {
    id: 'opencode',
    name: 'opencode',
    configFile: (scope, at) => opencodeFile(opencodeFolder(scope, at)),
    format: [['mcp'], ['mcp', 'servers']],
    isPresent: (scope, at) => {
      if (scope === 'local') return isAny(opencodeFile(at.project));
      return isAny(folders.opencode(at), folders.oldOpencode(at));
    },
  },
  {
    id: 'gemini',
    name: 'Gemini CLI',
    configFile: (scope, at) => join(base(scope, at), '.gemini', 'settings.json'),
    format: mcpServers,
    isPresent: (scope, at) => isAny(join(base(scope, at), '.gemini')),
  },
  {
    id: 'kiro',
    name: 'Kiro',
    configFile: (scope, at) => join(base(scope, at), '.kiro', 'settings', 'mcp.json'),
    format: mcpServers,
    isPresent: (scope, at) => isAny(join(base(scope, at), '.kiro')),
  },
  {
    id: 'copilot-vscode',
    name: 'VS Code (Copilot Chat)',
    configFile: (scope, at) =>
      join(scope === 'global' ? folders.vscodeUser(at) : join(at.project, '.vscode'), 'mcp.json'),
    format: [['servers']],
    isPresent: (scope, at) =>
      isAny(join(base(scope, at), '.vscode')) ||
      (scope === 'global' && isAny(folders.vscodeUser(at))),
  },
  {
    id: 'hermes',
    name: 'Hermes Agent',
    configFile: forUserOnly((at) => join(folders.hermes(at), 'config.yaml')),
    format: 'yaml',
    isPresent: (scope, at) => scope === 'global' && isAny(folders.hermes(at)),
  },
  {
    id: 'antigravity',
    name: 'Antigravity IDE',
    configFile: forUserOnly(antigravityFile),
    format: mcpServers,
    isPresent: (scope, at) =>
      scope === 'global' &&
      isAny(join(at.home, '.gemini', 'config'), join(at.home, '.gemini', 'antigravity')),
  },
  {
    id: 'copilot-cli',
    name: 'GitHub Copilot CLI',
    configFile: forUserOnly((at) => join(folders.copilotCli(at), 'mcp-config.json')),
    format: mcpServers,
    isPresent: (scope, at) => scope === 'global' && (hasCopilotFiles(at) || hasCopilotCommand(at)),
  },
  {
    id: 'copilot-jetbrains',
    name: 'JetBrains IDEs (Copilot plugin)',
    configFile: forUserOnly((at) => join(folders.jetbrainsCopilot(at), 'mcp.json')),
    format: [['servers']],
    isPresent: (scope, at) =>
      scope === 'global' && isAny(folders.jetbrainsCopilot(at), folders.jetbrains(at)),
  },
];

function base(scope: InstallScope, at: Surroundings): string {
  return scope === 'global' ? at.home : at.project;
}

function forUserOnly(file: (at: Surroundings) => string): Agent['configFile'] {
  return (scope, at) => (scope === 'global' ? file(at) : undefined);
}

function isAny(...paths: readonly string[]): boolean {
  return paths.some((path) => existsSync(path));
}

function claudeFile(at: Surroundings): string {
  return join(folders.claudeFile(at), '.claude.json');
}

function codexFolder(scope: InstallScope, at: Surroundings): string {
  return scope === 'global' ? folders.codex(at) : join(at.project, '.codex');
}

function opencodeFolder(scope: InstallScope, at: Surroundings): string {
  return scope === 'global' ? folders.opencode(at) : at.project;
}

function opencodeFile(folder: string): string {
  const commented = join(folder, 'opencode.jsonc');
  const plain = join(folder, 'opencode.json');
  return !existsSync(commented) && existsSync(plain) ? plain : commented;
}

/** It moves to a folder of its own one day, and marks that. */
function antigravityFile({ home }: Surroundings): string {
  const unified = join(home, '.gemini', 'config');
  const hasMoved = isAny(join(unified, '.migrated'), join(unified, 'mcp_config.json'));
  return join(hasMoved ? unified : join(home, '.gemini', 'antigravity'), 'mcp_config.json');
}

/** Its IDE plugins make the folder too, with nothing but `ide` in it. */
function hasCopilotFiles(at: Surroundings): boolean {
  try {
    return readdirSync(folders.copilotCli(at)).some((name) => name !== 'ide');
  } catch {
    // No such folder.
    return false;
  }
}

function hasCopilotCommand({ env, platform }: Surroundings): boolean {
  const endings = platform === 'win32' ? ['.exe', '.cmd', '.bat', '.ps1'] : [''];
  const searched = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return searched.some((folder) => isAny(...endings.map((end) => join(folder, `copilot${end}`))));
}
