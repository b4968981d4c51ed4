/**
 * The closed lists. Every name that can leave the machine stands here, word for word; what the
 * world may add to is folded into `other` before it is stored.
 *
 * Source: the command line, MCP server and installer of `@colbymchenry/codegraph` 1.6.1.
 */

export const eventNames = ['install', 'index', 'usage_rollup', 'uninstall'] as const;
export type EventName = (typeof eventNames)[number];

export const counterKinds = ['cli_command', 'mcp_tool'] as const;
export type CounterKind = (typeof counterKinds)[number];

export const commands = [
  'init',
  'uninit',
  'index',
  'sync',
  'status',
  'query',
  'explore',
  'context',
  'node',
  'files',
  'daemon',
  'ui',
  'unlock',
  'callers',
  'callees',
  'impact',
  'affected',
  'install',
  'uninstall',
  'telemetry',
  'upgrade',
  'version',
  'prompt-hook',
  'serve',
] as const;
export type Command = (typeof commands)[number];

/** Second names of commands; a count always carries the first name. */
export const commandAliases = { daemons: 'daemon', web: 'ui' } as const satisfies Record<
  string,
  Command
>;

/** Outcomes of the engine's prompt hook, recorded by it as commands. */
export const gateCounters = [
  'prompt-hook-gate-high-keyword',
  'prompt-hook-gate-high-token',
  'prompt-hook-gate-medium-segment',
  'prompt-hook-gate-nudge-projects',
  'prompt-hook-gate-noop-shape',
  'prompt-hook-gate-noop-no-index',
  'prompt-hook-gate-noop-unverified',
  'prompt-hook-gate-noop-explore-keyword',
  'prompt-hook-gate-noop-explore-token',
  'prompt-hook-gate-noop-vocab-empty',
] as const;

export const tools = [
  'codegraph_search',
  'codegraph_callers',
  'codegraph_callees',
  'codegraph_impact',
  'codegraph_node',
  'codegraph_explore',
  'codegraph_status',
  'codegraph_files',
] as const;

export const cliNames = [...commands, ...gateCounters, 'other'] as const;
export const toolNames = [...tools, 'other'] as const;

export const languages = [
  'typescript',
  'javascript',
  'tsx',
  'jsx',
  'arkts',
  'python',
  'go',
  'rust',
  'java',
  'c',
  'cpp',
  'csharp',
  'razor',
  'php',
  'ruby',
  'swift',
  'kotlin',
  'dart',
  'svelte',
  'vue',
  'astro',
  'liquid',
  'pascal',
  'scala',
  'lua',
  'luau',
  'objc',
  'r',
  'solidity',
  'nix',
  'yaml',
  'twig',
  'xml',
  'properties',
  'cfml',
  'cfscript',
  'cfquery',
  'cobol',
  'vbnet',
  'erlang',
  'terraform',
  'unknown',
  'other',
] as const;

export const targets = [
  'claude',
  'cursor',
  'codex',
  'opencode',
  'gemini',
  'kiro',
  'copilot-vscode',
  'hermes',
  'antigravity',
  'copilot-cli',
  'copilot-jetbrains',
  'other',
] as const;
export type Target = (typeof targets)[number];

export const installScopes = ['global', 'local'] as const;
export type InstallScope = (typeof installScopes)[number];
export const installKinds = ['fresh', 'upgrade', 'reinstall'] as const;
export type InstallKind = (typeof installKinds)[number];

export const operatingSystems = [
  'linux',
  'darwin',
  'win32',
  'freebsd',
  'openbsd',
  'netbsd',
  'sunos',
  'aix',
  'android',
  'other',
] as const;
export const architectures = [
  'x64',
  'arm64',
  'arm',
  'ia32',
  'ppc64',
  's390x',
  'riscv64',
  'loong64',
  'mips',
  'mipsel',
  'other',
] as const;

export const fileCountBuckets = ['<100', '100-1k', '1k-10k', '10k+'] as const;
export type FileCountBucket = (typeof fileCountBuckets)[number];
export const durationBuckets = ['<10s', '10-60s', '1-5m', '5m+'] as const;
export type DurationBucket = (typeof durationBuckets)[number];

/** The bucket that `count` files fall into. */
export function fileCountBucket(count: number): FileCountBucket {
  if (count < 100) return '<100';
  if (count < 1_000) return '100-1k';
  return count < 10_000 ? '1k-10k' : '10k+';
}

/** The bucket that a duration in milliseconds falls into. */
export function durationBucket(durationMs: number): DurationBucket {
  if (durationMs < 10_000) return '<10s';
  if (durationMs < 60_000) return '10-60s';
  return durationMs < 300_000 ? '1-5m' : '5m+';
}

/** `value` when the closed list has it, else `other`. */
export function fold<Name extends string>(list: readonly Name[], value: unknown): Name | 'other' {
  return list.find((name) => name === value) ?? 'other';
}

/** The name a counter of this kind carries: aliases resolved, unknown names folded to `other`. */
export function foldName(kind: CounterKind, name: unknown): string {
  if (kind === 'mcp_tool') return fold(toolNames, name);
  return fold(cliNames, resolveAlias(name));
}

/** A command's own name for what the user typed; undefined when the engine has no such command. */
export function findCommand(word: string): Command | undefined {
  const name = resolveAlias(word);
  return commands.find((command) => command === name);
}

function resolveAlias(name: unknown): unknown {
  return typeof name === 'string' && Object.hasOwn(commandAliases, name)
    ? commandAliases[name as keyof typeof commandAliases]
    : name;
}
