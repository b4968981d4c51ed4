/** `codegraph-telemetry/mcp`: for MCP servers that are built on an official SDK. */
export { keepSending, type SendingPace } from './keep-sending.ts';
export { countToolCalls, type TransportLike } from './transport.ts';
