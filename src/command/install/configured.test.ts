import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { maxAgentConfigBytes } from '../../../contract/limits.ts';
import { temporaryFolder } from '../../../spec/support/home.ts';
import { findConfigured, namesCodegraph } from './configured.ts';

describe('a configuration has codegraph', () => {
  const json = [['mcpServers']];
  const opencode = [['mcp'], ['mcp', 'servers']];

  test.each<[what: string, text: string, format: Parameters<typeof namesCodegraph>[1]]>([
    ['JSON', '{"mcpServers":{"codegraph":{"command":"codegraph"}}}', json],
    ['JSON with comments', '// a\n{"mcpServers":{/* b */"codegraph":{},},}', json],
    ['JSON behind a byte order mark', '\uFEFF{"mcpServers":{"codegraph":{}}}', json],
    ['a string with slashes', '{"a":"//","mcpServers":{"codegraph":{}},}', json],
    ['a string with a quote', String.raw`{"a":"\"/*","mcpServers":{"codegraph":{}},}`, json],
    ['opencode', '{"mcp":{"codegraph":{}}}', opencode],
    ['an older opencode', '{"mcp":{"servers":{"codegraph":{}}}}', opencode],
    ['TOML', 'model = "o"\n[mcp_servers.codegraph]\ncommand = "codegraph"\n', 'toml'],
    ['YAML', 'mcp_servers:\n  other:\n    a: b\n  codegraph:\n    command: codegraph\n', 'yaml'],
    ['YAML of Windows', 'mcp_servers:\r\n  codegraph:\r\n', 'yaml'],
  ])('in %s', (_what, text, format) => {
    expect(namesCodegraph(text, format)).toBe(true);
  });

  test.each<[what: string, text: string, format: Parameters<typeof namesCodegraph>[1]]>([
    ['an empty file', '', json],
    ['no JSON', 'mcpServers: codegraph', json],
    ['half of it', '{"mcpServers":{"codegraph":{', json],
    ['another server that starts it', '{"mcpServers":{"a":{"command":"codegraph"}}}', json],
    ['a project of that name', '{"projects":{"codegraph":{}}}', json],
    ['a comment', '{"mcpServers":{/* "codegraph":{} */}}', json],
    ['a server that was set to null', '{"mcpServers":{"codegraph":null}}', json],
    ['what every object has', '{"mcpServers":{}}', [['__proto__']]],
    ['a list', '[{"mcpServers":{"codegraph":{}}}]', json],
    ['a commented section', '# [mcp_servers.codegraph]\n', 'toml'],
    ['another section', '[mcp_servers.other]\ncommand = "codegraph"\n', 'toml'],
    ['a deeper key', 'mcp_servers:\n  a:\n    codegraph: b\n', 'yaml'],
    ['another block', 'mcp_servers:\n  a: b\nservers:\n  codegraph:\n', 'yaml'],
    ['no block', '  codegraph:\n', 'yaml'],
  ])('not in %s', (_what, text, format) => {
    expect(namesCodegraph(text, format)).toBe(false);
  });
});

it('a file that is none, or longer than any, counts as without', () => {
  const folder = temporaryFolder();
  const at = { home: folder, project: join(folder, 'p'), env: {}, platform: process.platform };
  mkdirSync(join(folder, '.cursor', 'mcp.json'), { recursive: true });
  mkdirSync(join(folder, '.gemini'));
  const long = join(folder, '.gemini', 'settings.json');
  writeFileSync(long, '{"mcpServers":{"codegraph":{}}}');
  expect(findConfigured('global', at)).toEqual(['gemini']);

  truncateSync(long, maxAgentConfigBytes + 1);

  expect(findConfigured('global', at)).toEqual([]);
});
