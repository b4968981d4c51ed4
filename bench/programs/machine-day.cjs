// One machine-day, use by use: for each process what it uses, as [kind, name, client].
const tools = ['search', 'explore', 'node', 'callers', 'callees', 'impact', 'files', 'status'];
const clients = ['claude-code', 'cursor', 'codex'];

/** 300 commands, and 5 sessions of 400 calls. @type {() => [string, string, string?][][]} */
exports.countMachineDay = () => [
  ...numbers(300).map((run) => [['cli_command', `command-${run % 20}`]]),
  ...numbers(5).map((session) => numbers(400).map((call) => toUse(call, session))),
];

/** @type {(call: number, session: number) => [string, string, string]} */
function toUse(call, session) {
  const tool = tools[call % tools.length];
  return ['mcp_tool', `codegraph_${tool}`, clients[session % clients.length]];
}

/** @type {(count: number) => number[]} */
function numbers(count) {
  return Array.from({ length: count }, (_, at) => at);
}
