// An MCP server on the official SDK whose one tool answers with some 5 MB of source code.
import { readFileSync } from 'node:fs';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';

const sources = ['src/telemetry.ts', 'contract/report/lists.ts', 'package.json', 'README.md'];
const source = sources
  .map((path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'))
  .join('\n');
const text = source.repeat(Math.ceil(5e6 / source.length));

const server = new McpServer({ name: 'long-reply', version: '1.0.0' });
server.registerTool('codegraph_explore', {}, () => ({ content: [{ type: 'text', text }] }));
await server.connect(new StdioServerTransport());
