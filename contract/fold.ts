/** How a free text becomes a listed word. No text goes further than this unless a list has it. */
import {
  type ClientName,
  clientNames,
  cliNames,
  type Command,
  commands,
  clientVersionPattern,
  type CounterKind,
  type DurationBucket,
  type FileCountBucket,
  packageVersionPattern,
  toolNames,
} from './report/lists.ts';

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

/** Second names of commands; a count always carries the first name. */
export const commandAliases = { daemons: 'daemon', web: 'ui' } as const satisfies Record<
  string,
  Command
>;

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

/** `version` when it is a plain release or pre-release, else `other`. */
export function foldPackageVersion(version: string): string {
  return packageVersionPattern.test(version) ? version : 'other';
}

/** Major.minor of `version`; undefined when it does not start with two numbers of a few digits. */
export function foldClientVersion(version: string): string | undefined {
  const found = /^v?(\d{1,4}\.\d{1,4})(?![\d])/.exec(version)?.[1];
  return found !== undefined && clientVersionPattern.test(found) ? found : undefined;
}

/**
 * What MCP clients call themselves in `clientInfo.name`, compared without case. A listed name is a
 * spelling of its own. A `*` stands for what a client puts into its name, such as the server's.
 *
 * A spelling without a source beside it is in the client's own code, in recordings of sessions from
 * September 2026, or in the lists of others: apify/mcp-client-capabilities, PostHog's and Chrome
 * DevTools' MCP servers.
 */
const spellings = {
  'claude-code': ['claude code'],
  // The chat is `claude-ai`, on the web too. Cowork and Code inside the app start every server a
  // second time, as `local-agent-mode-<server>`.
  'claude-desktop': ['claude-ai', 'claude desktop', 'local-agent-mode-*'],
  // `cursor-vscode` is the editor on stdio; over HTTP it is `Cursor`.
  cursor: ['cursor-vscode', 'cursor-agent'],
  // One client in the command line, the editor extension and the ChatGPT desktop app.
  codex: ['codex-mcp-client', 'codex-cli', 'codex cli'],
  // Until 2025 with the name of the server behind it.
  'gemini-cli': ['gemini-cli-mcp-client', 'gemini-cli-mcp-client-*'],
  opencode: [],
  // Sends its product's long name: microsoft/vscode, mcpServerRequestHandler.ts. Copilot's chat in
  // it is the same client.
  vscode: [
    'visual studio code',
    'visual-studio-code',
    'visual studio code - insiders',
    'visual studio code - exploration',
    'code - oss',
    'vscodium',
  ],
  // The command line, the app and the SDK share the first one; the plugins put the editor before
  // theirs: `JetBrains-IU-copilot-intellij`, also with a slash.
  copilot: [
    'github-copilot-developer',
    'github-copilot',
    'github copilot',
    'copilot-cli',
    'github-copilot-cli',
    'github copilot cli',
    'jetbrains-*copilot-intellij',
    'xcode-copilot-xcode',
  ],
  windsurf: ['windsurf-client'],
  zed: [],
  // The command line still calls itself by the name that it had at Amazon: kirodotdev/Kiro#6935.
  kiro: ['kiro-cli', 'kiro cli', 'q dev cli', 'q-dev-cli', 'q cli', 'q-cli'],
  antigravity: ['antigravity-client', 'antigravity-cli'],
  // Versions before mid-2026 leave the name to the SDK: see `python-sdk`.
  hermes: ['hermes-agent', 'hermes agent', 'hermes-agent-*'],
  // The web interface, its predecessor, and the two for a terminal.
  inspector: ['mcp-inspector', 'inspector-client', 'inspector-cli', 'mcp-inspector-tui'],
  // The second one is its command line.
  cline: ['@cline/core'],
  'roo-code': ['roo code'],
  // Since its command line became a fork of opencode: `kilo`.
  'kilo-code': ['kilo code', 'kilo'],
  continue: ['continue-client', 'continue-cli-client'],
  goose: ['goose-cli', 'goose-desktop'],
  jetbrains: ['jetbrains-ai-assistant-client', 'junie', 'junie-client'],
  amp: ['amp-mcp-client'],
  // A fork of Gemini CLI that has kept the name of the server in its own.
  'qwen-code': ['qwen-cli-mcp-client', 'qwen-cli-mcp-client-*'],
  // Grok Build: `grok-shell-<server>`.
  grok: ['grok-shell-*'],
  kimi: ['kimi-code', 'kimi code', 'kimi-cli'],
  // Pi, and its fork Oh My Pi.
  pi: ['pi cli', 'pi-coding-agent', 'pi coding agent', 'pi-client', 'omp-coding-agent'],
  crush: [],
  // Of Factory.
  droid: ['factory-cli'],
  warp: [],
  augment: ['augment-mcp-client'],
  trae: [],
  openclaw: ['openclaw-bundle-mcp'],
  chatgpt: ['openai-mcp'],
  // Recorded nowhere; by its own names.
  'lm-studio': ['lm studio', 'lmstudio'],
  librechat: ['@librechat/api-client'],
  n8n: ['@n8n/n8n-nodes-langchain.*'],
  raycast: ['com.raycast.*'],
  // What a client is called that leaves the name to the SDK.
  'python-sdk': ['mcp'],
  'rust-sdk': ['rmcp'],
  // Bridges that do not say who is behind them.
  'mcp-remote': [],
  'mcp-proxy': [],
} as const satisfies { readonly [Name in Exclude<ClientName, 'other'>]: readonly string[] };

// The longest that were seen have 40 characters, and a bridge adds 25.
const maxNameLength = 256;

/**
 * The closed-list name of an MCP client; `other` for any that is not listed. The list is gone through
 * each time: a table of it would cost every start-up 0.4 ms, and a process asks once a client.
 */
export function foldClientName(name: string): ClientName {
  // A longer one is nobody's, and must not cost its length.
  if (name.length > maxNameLength) return 'other';
  const sent = withoutBridge(name.trim().toLowerCase());
  return (
    findClient((spelling) => spelling === sent) ??
    findClient((spelling) => fitsPattern(sent, spelling)) ??
    'other'
  );
}

function findClient(isMeant: (spelling: string) => boolean): ClientName | undefined {
  return clientNames.find(
    (name) => name !== 'other' && (isMeant(name) || spellings[name].some(isMeant)),
  );
}

function fitsPattern(sent: string, spelling: string): boolean {
  const [start, end] = spelling.split('*');
  if (start === undefined || end === undefined) return false;
  return sent.length > start.length + end.length && sent.startsWith(start) && sent.endsWith(end);
}

/** mcp-remote adds itself to the name of the client that it speaks for: punkpeye/mcp-remote#63. */
function withoutBridge(spelling: string): string {
  const at = spelling.lastIndexOf(' (via mcp-remote ');
  return at > 0 && spelling.endsWith(')') ? spelling.slice(0, at).trimEnd() : spelling;
}
