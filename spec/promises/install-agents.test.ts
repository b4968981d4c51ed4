import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { type InstallScope, targets } from '../../contract/report/lists.ts';
import { runEngine } from '../support/command.ts';
import { openHome, type TestHome } from '../support/home.ts';
import type { Surroundings } from '../../src/command/install/agent-folders.ts';
import { agents } from '../../src/command/install/agents.ts';
import { findConfigured } from '../../src/command/install/configured.ts';

/** The front's table of agents says what the real engine says, and what it does. */

const scopes: readonly InstallScope[] = ['global', 'local'];

function surroundings({ home, project }: TestHome, env: NodeJS.ProcessEnv = {}): Surroundings {
  // No PATH: whether a Copilot is on this machine must not matter.
  return { home, project, env, platform: process.platform };
}

it('has every agent of the contract, once', () => {
  expect([...agents.map(({ id }) => id), 'other']).toEqual(targets);
});

/** What `install --print-config` names as the file; undefined where it names none. */
async function askEngine(
  home: TestHome,
  id: string,
  scope: InstallScope,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const args = ['install', '--print-config', id, '--location', scope];
  const { stdout } = await runEngine(home, args, { env });
  return /^# Add to (.+)$/m.exec(stdout)?.[1];
}

describe('each configuration file', () => {
  const moved = {
    CLAUDE_CONFIG_DIR: '/moved/claude',
    CODEX_HOME: '/moved/codex',
    COPILOT_HOME: '/moved/copilot',
    HERMES_HOME: '/moved/hermes',
    XDG_CONFIG_HOME: '/moved/xdg',
  };
  const blank = Object.fromEntries(Object.keys(moved).map((name) => [name, '']));

  const movable = ['claude', 'codex', 'opencode', 'hermes', 'copilot-cli', 'copilot-jetbrains'];
  const all = agents.map(({ id }) => id);

  test.each<[what: string, env: NodeJS.ProcessEnv, ids: readonly string[]]>([
    ['by default', {}, all],
    ['when all of them are moved', moved, all],
    ['when a variable is blank', blank, movable],
    ['when a variable names the default', { CLAUDE_CONFIG_DIR: '/nobody/.claude' }, ['claude']],
  ])('%s, is where the engine says', async (_what, env, ids) => {
    using home = openHome();
    const at = surroundings(home, env);
    const pairs = agents
      .filter(({ id }) => ids.includes(id))
      .flatMap((agent) => scopes.map((scope) => ({ agent, scope })));
    const ours = pairs.map(({ agent, scope }) => agent.configFile(scope, at));

    const theirs = await Promise.all(
      pairs.map(({ agent, scope }) => askEngine(home, agent.id, scope, env)),
    );

    expect(ours).toEqual(theirs);
  });

  test.each<[what: string, trace: string, id: string, scope: InstallScope]>([
    ['opencode.json', 'project/opencode.json', 'opencode', 'local'],
    ['a moved Antigravity', 'home/.gemini/config/mcp_config.json', 'antigravity', 'global'],
    ['a marked Antigravity', 'home/.gemini/config/.migrated', 'antigravity', 'global'],
  ])('follows %s', async (_what, trace, id, scope) => {
    using home = openHome();
    leave(home, trace);

    const file = agents.find((agent) => agent.id === id)?.configFile(scope, surroundings(home));

    expect(file).toBe(await askEngine(home, id, scope, {}));
  });
});

/** Makes a folder where the path ends in a slash, else an empty file. */
function leave({ root }: TestHome, trace: string): void {
  const path = join(root, trace);
  mkdirSync(trace.endsWith('/') ? path : dirname(path), { recursive: true });
  if (!trace.endsWith('/')) writeFileSync(path, '{}');
}

const traces: readonly (readonly [InstallScope, string])[] = [
  ['global', ''],
  ['global', 'home/.claude/'],
  ['global', 'home/.claude.json'],
  ['global', 'home/.cursor/'],
  ['global', 'home/.codex/'],
  ['global', 'home/.config/opencode/'],
  ['global', 'home/.gemini/'],
  ['global', 'home/.gemini/config/'],
  ['global', 'home/.gemini/antigravity/'],
  ['global', 'home/.kiro/'],
  ['global', 'home/.config/Code/User/'],
  ['global', 'home/.vscode/'],
  ['global', 'home/.hermes/'],
  ['global', 'home/.copilot/config.json'],
  ['global', 'home/.copilot/ide/'],
  ['global', 'home/.config/github-copilot/intellij/'],
  ['global', 'home/.config/JetBrains/'],
  ['global', 'home/.cursor/ home/.kiro/ home/.hermes/'],
  ['local', ''],
  ['local', 'project/.mcp.json'],
  ['local', 'project/.claude/'],
  ['local', 'project/.cursor/'],
  ['local', 'project/.codex/'],
  ['local', 'project/opencode.jsonc'],
  ['local', 'project/opencode.json'],
  ['local', 'project/.gemini/'],
  ['local', 'project/.kiro/'],
  ['local', 'project/.vscode/'],
  ['local', 'project/AGENTS.md home/.hermes/'],
];

describe.skipIf(process.platform !== 'linux')('the agents that are there', () => {
  test.each(traces)('are those of `auto`: %s %s', async (scope, left) => {
    using home = openHome();
    for (const trace of left.split(' ').filter(Boolean)) leave(home, trace);
    const at = surroundings(home);
    const present = agents.filter((agent) => agent.isPresent(scope, at)).map(({ id }) => id);

    await runEngine(home, ['install', '--target', 'auto', '--location', scope, '--yes'], {
      env: { PATH: '/usr/bin:/bin' },
    });

    // Where it finds none, the engine takes the first.
    expect(findConfigured(scope, at)).toEqual(present.length > 0 ? present : ['claude']);
  });

  it('know Copilot by its command, too', async () => {
    using home = openHome();
    leave(home, 'bin/copilot');
    const env = { PATH: `${join(home.root, 'bin')}:/usr/bin:/bin` };

    await runEngine(home, ['install', '--target', 'auto', '--yes'], { env });

    const at = surroundings(home, env);
    const [first] = agents.filter((agent) => agent.isPresent('global', at)).map(({ id }) => id);
    expect([first]).toEqual(['copilot-cli']);
    expect(findConfigured('global', at)).toEqual(['copilot-cli']);
  });
});
