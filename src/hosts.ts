/**
 * What stands between a kind of host and its telemetry: `codegraph-telemetry/commander`, `/mcp` and
 * `/command` are names of this one module. A file of its own, because a process that only counts would
 * read it in vain at each start.
 */
export { countCommands, type CommandLike } from './commander.ts';
export { showNotice } from './consent/notice.ts';
export { countToolCalls, type TransportLike } from './mcp/transport.ts';
export { addTelemetryCommand, type ProgramLike } from './telemetry-command.ts';
