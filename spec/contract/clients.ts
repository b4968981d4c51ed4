/**
 * MCP clients, by the names that they send as `clientInfo.name`. The keys are what leaves the
 * machine; the spellings, compared without case, never do.
 */
const spellings = {
  'claude-code': ['claude-code', 'claude code'],
  'claude-desktop': ['claude-ai', 'claude desktop', 'claude-desktop'],
  cursor: ['cursor', 'cursor-vscode', 'cursor-agent'],
  codex: ['codex', 'codex-mcp-client', 'codex-cli'],
  'gemini-cli': ['gemini-cli', 'gemini-cli-mcp-client'],
  opencode: ['opencode'],
  vscode: ['visual studio code', 'visual studio code - insiders', 'vscode', 'code - oss'],
  copilot: ['copilot', 'copilot-cli', 'github-copilot-cli', 'github-copilot-developer'],
  windsurf: ['windsurf', 'windsurf-client'],
  zed: ['zed'],
  kiro: ['kiro', 'kiro-cli', 'q dev cli', 'q-dev-cli'],
  antigravity: ['antigravity', 'antigravity-client'],
  hermes: ['hermes', 'hermes-agent'],
  inspector: ['mcp-inspector', 'inspector-client', 'mcp inspector'],
  cline: ['cline'],
  'roo-code': ['roo code', 'roo-code'],
  continue: ['continue', 'continue-client'],
  goose: ['goose'],
  jetbrains: ['jetbrains', 'junie', 'jetbrains-mcp-client'],
  amp: ['amp', 'amp-mcp-client'],
  'qwen-code': ['qwen-code', 'qwen-cli-mcp-client'],
  'mcp-remote': ['mcp-remote', 'mcp-proxy', 'via mcp-remote'],
} as const satisfies Record<string, readonly string[]>;

export type ClientName = keyof typeof spellings | 'other';

export const clientNames = [...Object.keys(spellings), 'other'] as readonly ClientName[];

const nameBySpelling: ReadonlyMap<string, ClientName> = new Map(
  Object.entries(spellings).flatMap(([name, known]) =>
    known.map((spelling): [string, ClientName] => [spelling, name as ClientName]),
  ),
);

/** The closed-list name of an MCP client; `other` for any that is not listed. */
export function foldClientName(name: string): ClientName {
  return nameBySpelling.get(name.trim().toLowerCase()) ?? 'other';
}
