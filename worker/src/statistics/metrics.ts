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
