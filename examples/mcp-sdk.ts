import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { openTelemetry } from 'codegraph-telemetry';
import { countToolCalls } from 'codegraph-telemetry/mcp';

const telemetry = openTelemetry({ version: '1.6.1' });
telemetry.flushEvery(); // the totals of earlier days: soon after the start, then every six hours

const server = new McpServer({ name: 'codegraph', version: '1.6.1' });
server.registerTool('codegraph_status', {}, () => ({ content: [{ type: 'text', text: 'fine' }] }));
await server.connect(countToolCalls(new StdioServerTransport(), telemetry));
