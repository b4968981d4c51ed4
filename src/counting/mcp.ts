/** `codegraph-telemetry/mcp`: for MCP servers that are built on an official SDK. */
export { keepSending, type SendingPace } from './mcp-serve.ts';
export { countToolCalls, type TransportLike } from './mcp-transport.ts';
