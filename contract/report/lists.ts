/**
 * Every word that can leave the machine, as plain data: closed lists, and patterns for the few
 * strings that are on none. A name that is on no list becomes `other` before it is stored.
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

/** MCP clients. What a client calls itself is folded into one of these: `fold.ts`. */
export const clientNames = [
  'claude-code',
  'claude-desktop',
  'cursor',
  'codex',
  'gemini-cli',
  'opencode',
  'vscode',
  'copilot',
  'windsurf',
  'zed',
  'kiro',
  'antigravity',
  'hermes',
  'inspector',
  'cline',
  'roo-code',
  'kilo-code',
  'continue',
  'goose',
  'jetbrains',
  'amp',
  'qwen-code',
  'grok',
  'kimi',
  'pi',
  'crush',
  'droid',
  'warp',
  'augment',
  'trae',
  'openclaw',
  'chatgpt',
  'lm-studio',
  'librechat',
  'n8n',
  'raycast',
  'python-sdk',
  'rust-sdk',
  'mcp-remote',
  'mcp-proxy',
  'other',
] as const;
export type ClientName = (typeof clientNames)[number];

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

export const installScopes = ['global', 'local'] as const;
export type InstallScope = (typeof installScopes)[number];
export const installKinds = ['fresh', 'upgrade', 'reinstall'] as const;
export type InstallKind = (typeof installKinds)[number];

// Those that the engine has a bundle for. A rarer one would let a machine be recognized in its next month,
// and nobody decides by it.
export const operatingSystems = ['linux', 'darwin', 'win32', 'other'] as const;
export const architectures = ['x64', 'arm64', 'other'] as const;

export const fileCountBuckets = ['<100', '100-1k', '1k-10k', '10k+'] as const;
export type FileCountBucket = (typeof fileCountBuckets)[number];
export const durationBuckets = ['<10s', '10-60s', '1-5m', '5m+'] as const;
export type DurationBucket = (typeof durationBuckets)[number];

// ── patterns ─────────────────────────────────────────────────────────────────────────────────

/** The only form of an id. */
export const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The only time of day that a report carries. */
export const noonPattern = /^\d{4}-\d{2}-\d{2}T12:00:00\.000Z$/;

// Numbers have one spelling and few digits, so that a version has room for no text in digits.

/** Digits and a closed list of pre-release words, so that no text of the user's is a version. */
export const packageVersionPattern =
  /^(?:(?:0|[1-9]\d{0,2})\.){2}(?:0|[1-9]\d{0,2})(?:-(?:alpha|beta|canary|dev|next|rc)(?:\.(?:0|[1-9]\d{0,2}))?)?$/;

/** Major.minor of an MCP client, such as `2.1`; a major of four digits is a year. */
export const clientVersionPattern = /^(?:0|[1-9]\d{0,2}|20\d\d)\.(?:0|[1-9]\d{0,2})$/;
