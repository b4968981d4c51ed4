/** `codegraph-telemetry/mcp`: for MCP servers that are built on an official SDK. */
export { countToolCalls, type TransportLike } from './transport.ts';
