// An MCP server that counts its calls in process, on the major of the SDK that it is told, over
// stdio.
import { StdioServerTransport as TransportV1 } from '@modelcontextprotocol/sdk/server/stdio.js';
import {
  serveStdio,
  StdioServerTransport as TransportV2,
} from '@modelcontextprotocol/server/stdio';
import { countToolCalls } from '../../../src/mcp/transport.ts';
import { openTelemetry } from '../../../src/index.ts';
import { Gate, makeServerV1, makeServerV2 } from '../mcp/sdk-servers.ts';

const telemetry = openTelemetry({ version: '1.6.1' });
telemetry.flushEvery();
if (process.argv[2] === 'v1') {
  await makeServerV1(new Gate()).connect(countToolCalls(new TransportV1(), telemetry));
} else {
  const transport = countToolCalls(new TransportV2(), telemetry);
  serveStdio(() => makeServerV2(new Gate()), { transport });
}
