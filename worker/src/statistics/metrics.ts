/**
 * What is counted, in closed lists. A metric has cells, one for each of its values. The value of a
 * cross table is both its values with a space between; no listed name has one.
 */
export const metrics = [
  'machines',
  'os',
  'arch',
  'node',
  'version',
  'command',
  'tool',
  'agent',
  'language',
  'target',
  'install_kind',
  'size_duration',
  'tool_agent',
  'tool_version',
  'command_version',
] as const;
export type Metric = (typeof metrics)[number];

/** The one metric that build machines are counted in. */
export const ciMetric = 'ci';
/** Values that divide the machines among them: what is hidden can be had by subtraction. */
export const partitions: ReadonlySet<Metric> = new Set(['os', 'arch', 'node', 'version']);

export const crossTables: ReadonlySet<Metric> = new Set([
  'size_duration',
  'tool_agent',
  'tool_version',
  'command_version',
]);

/** Values that are used, and fail: their cells have uses and errors. */
export const used: ReadonlySet<Metric> = new Set([
  'command',
  'tool',
  'agent',
  'tool_agent',
  'tool_version',
  'command_version',
]);
