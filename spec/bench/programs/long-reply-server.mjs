// An MCP server on the official SDK whose one tool answers with some 5 MB of source code.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';

const line = '  if (name === "greet") return `Hi ${who}`; // as in the tests\n';
const text = line.repeat(Math.ceil(5e6 / line.length));

const server = new McpServer({ name: 'long-reply', version: '1.0.0' });
server.registerTool('codegraph_explore', {}, () => ({ content: [{ type: 'text', text }] }));
await server.connect(new StdioServerTransport());
