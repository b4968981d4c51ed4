import { clientNames } from '../contract/clients.ts';
import * as names from '../contract/names.ts';

/**
 * A second opinion on a report, written without the schemas that the first one comes from: what in
 * this text is not as TELEMETRY.md says. Empty for a report that may leave.
 */
export function findFaults(text: string): readonly string[] {
  const faults: string[] = [];
  const { events, ...head } = JSON.parse(text) as { events: readonly Fields[] } & Fields;
  checkFields('report', head, headRules, faults);
  if (Buffer.byteLength(text) > 60_000) faults.push('longer than 60,000 bytes');
  if (events.length < 1 || events.length > 100) faults.push(`${events.length} events`);
  for (const { props, ...event } of events) {
    checkFields('event', event, eventRules, faults);
    const rules = propsRules[String(event['event'])] ?? (() => ({}));
    checkFields('props', props as Fields, rules(props as Fields), faults);
  }
  return faults;
}

type Fields = Readonly<Record<string, unknown>>;
type Rule = (value: unknown) => boolean;
type Rules = Readonly<Record<string, Rule>>;

const like =
  (pattern: RegExp): Rule =>
  (value) =>
    typeof value === 'string' && pattern.test(value);
const oneOf =
  (list: readonly unknown[]): Rule =>
  (value) =>
    list.includes(value);
const wholeFrom =
  (least: number, most: number): Rule =>
  (value) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
const listOf =
  (list: readonly string[], least: number, most: number): Rule =>
  (value) =>
    Array.isArray(value) &&
    value.length >= least &&
    value.length <= most &&
    value.every((item) => list.includes(item as string));

const id = like(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);

const headRules: Rules = {
  machine_id: id,
  batch_id: id,
  codegraph_version: like(
    /^(?:other|\d+\.\d+\.\d+(?:-(?:alpha|beta|canary|dev|next|rc)(?:\.\d+)?)?)$/,
  ),
  os: oneOf(names.operatingSystems),
  arch: oneOf(names.architectures),
  node_major: wholeFrom(0, 99),
  ci: oneOf([true, false]),
  schema_version: oneOf([3]),
};

const eventRules: Rules = {
  event: oneOf(names.eventNames),
  event_id: id,
  ts: like(/^\d{4}-\d\d-\d\dT12:00:00\.000Z$/),
};

const counts: Rules = { count: wholeFrom(1, 1_000_000), error_count: wholeFrom(0, 1_000_000) };

const propsRules: Readonly<Record<string, (props: Fields) => Rules>> = {
  usage_rollup: (props) => ({
    kind: oneOf(names.counterKinds),
    name: oneOf(props['kind'] === 'mcp_tool' ? names.toolNames : names.cliNames),
    ...counts,
    ...('client_name' in props && { client_name: oneOf(clientNames) }),
    ...('client_version' in props && { client_version: like(/^\d{1,4}\.\d{1,4}$/) }),
  }),
  install: () => ({
    targets: listOf(names.targets, 0, 12),
    scope: oneOf(names.installScopes),
    kind: oneOf(names.installKinds),
  }),
  index: () => ({
    languages: listOf(names.languages, 1, 32),
    file_count_bucket: oneOf(names.fileCountBuckets),
    duration_bucket: oneOf(names.durationBuckets),
  }),
  uninstall: () => ({ targets: listOf(names.targets, 0, 12) }),
};

function checkFields(what: string, fields: Fields, rules: Rules, faults: string[]): void {
  const keys = new Set([...Object.keys(fields), ...Object.keys(rules)]);
  for (const key of keys) {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (!Object.hasOwn(fields, key)) faults.push(`${what} without ${key}`);
    else if (!rule?.(fields[key])) faults.push(`${what}.${key}: ${JSON.stringify(fields[key])}`);
  }
}
