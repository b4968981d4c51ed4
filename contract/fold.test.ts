import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { clientNames } from './report/lists.ts';
import { foldClientName } from './fold.ts';

test.each([
  ['nothing', ''],
  ['blanks', ' \t\n'],
  ['a stranger', 'alices-secret-agent'],
  ['a known name with more behind it', 'cursor of alice'],
  ['a known name with a suffix', 'claude-code-fork'],
  ['a version behind it', 'claude-code 2.1'],
  ['a name of an object', 'constructor'],
  ['its prototype', '__proto__'],
  ['the beginning of a pattern and nothing more', 'grok-shell-'],
  ['beginning and end of a pattern that overlap', 'jetbrains-copilot-intellij'],
  ['a pattern itself in the middle', 'my-hermes-agent-codegraph'],
  ['a bridge for a stranger', 'alices-agent (via mcp-remote 0.1.37)'],
  ['a bridge for nobody', ' (via mcp-remote 0.1.37)'],
  ['another bridge', 'claude-ai (via alices-bridge 0.1.37)'],
  ['a bridge with more behind it', 'claude-ai (via mcp-remote 0.1.37) of alice'],
  ['a name that goes on for ever', `grok-shell-${'x'.repeat(1_000)}`],
])('%s is `other`', (_, name) => {
  expect(foldClientName(name)).toBe('other');
});

test.each([
  ['claude-code', 'claude-code'],
  ['Claude Code', 'claude-code'],
  ['claude-ai', 'claude-desktop'],
  ['local-agent-mode-codegraph', 'claude-desktop'],
  ['  cursor-vscode\n', 'cursor'],
  ['Cursor', 'cursor'],
  ['codex-mcp-client', 'codex'],
  ['gemini-cli-mcp-client', 'gemini-cli'],
  ['gemini-cli-mcp-client-codegraph', 'gemini-cli'],
  ['opencode', 'opencode'],
  ['Visual Studio Code', 'vscode'],
  ['Visual-Studio-Code', 'vscode'],
  ['Visual Studio Code - Insiders', 'vscode'],
  ['Code - OSS', 'vscode'],
  ['github-copilot-developer', 'copilot'],
  ['JetBrains-IU-copilot-intellij', 'copilot'],
  ['JetBrains-IU/copilot-intellij', 'copilot'],
  ['Xcode-copilot-xcode', 'copilot'],
  ['windsurf-client', 'windsurf'],
  ['Zed', 'zed'],
  ['Codex CLI', 'codex'],
  ['Q-DEV-CLI', 'kiro'],
  ['Q DEV CLI', 'kiro'],
  ['antigravity-client', 'antigravity'],
  ['Hermes-Agent-codegraph', 'hermes'],
  ['mcp-inspector', 'inspector'],
  ['inspector-cli', 'inspector'],
  ['Cline', 'cline'],
  ['@cline/core', 'cline'],
  ['Roo Code', 'roo-code'],
  ['Roo-Code', 'roo-code'],
  ['Kilo-Code', 'kilo-code'],
  ['continue-cli-client', 'continue'],
  ['goose-cli', 'goose'],
  ['junie-client', 'jetbrains'],
  ['jetbrains-ai-assistant-client', 'jetbrains'],
  ['amp-mcp-client', 'amp'],
  ['qwen-cli-mcp-client-codegraph', 'qwen-code'],
  ['grok-shell-codegraph', 'grok'],
  ['omp-coding-agent', 'pi'],
  ['factory-cli', 'droid'],
  ['augment-mcp-client', 'augment'],
  ['openclaw-bundle-mcp', 'openclaw'],
  ['@librechat/api-client', 'librechat'],
  ['@n8n/n8n-nodes-langchain.mcpClientTool', 'n8n'],
  ['com.raycast.macos', 'raycast'],
  ['mcp', 'python-sdk'],
  ['claude-ai (via mcp-remote 0.1.37)', 'claude-desktop'],
  ['grok-shell-codegraph (via mcp-remote 0.15.1)', 'grok'],
  ['mcp-remote', 'mcp-remote'],
  ['mcp-proxy', 'mcp-proxy'],
])('%j is %s', (spelling, name) => {
  expect(foldClientName(spelling)).toBe(name);
});

test.each(clientNames)('what is %s once stays it', (name) => {
  expect(foldClientName(name)).toBe(name);
});

it('has short names only, each once', () => {
  expect(new Set(clientNames).size).toBe(clientNames.length);
  for (const name of clientNames) expect(name).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
  expect(Math.max(...clientNames.map(({ length }) => length))).toBeLessThanOrEqual(16);
});

it('lets nothing out that is not on the list', () => {
  const names = fc.oneof(
    fc.string(),
    fc
      .tuple(fc.constantFrom('grok-shell-', 'hermes-agent-', ''), fc.string(), fc.string())
      .map(([start, middle, end]) => `${start}${middle}${end} (via mcp-remote ${middle})`),
  );
  fc.assert(
    fc.property(names, (name) => {
      expect(clientNames).toContain(foldClientName(name));
    }),
  );
});
