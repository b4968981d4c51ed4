import { clientNames } from '../../contract/report/lists.ts';
import * as names from '../../contract/report/lists.ts';

/**
 * A second opinion on a report, written without the schemas that the first one comes from: what in
 * this text is not as TELEMETRY.md says. Empty for a report that may leave.
 */
export function findFaults(text: string): readonly string[] {
  const faults: string[] = [];
  const { events, ...head } = fieldsOf(parse(text));
  // One spelling for one report: no blank, no escape and no second key that would say something.
  if (JSON.stringify({ ...head, events }) !== text) faults.push('spelled in another way');
  if (Buffer.byteLength(text) > 60_000) faults.push('longer than 60,000 bytes');
  checkFields('report', head, headRules, faults);
  if (!Array.isArray(events)) return [...faults, 'no events'];
  if (events.length < 1 || events.length > 100) faults.push(`${events.length} events`);
  for (const { props, ...event } of events.map(fieldsOf)) {
    checkFields('event', event, eventRules, faults);
    const rules = propsRules.get(event['event']);
    if (rules === undefined) faults.push('an event without rules');
    else checkFields('props', fieldsOf(props), rules(fieldsOf(props)), faults);
  }
  faults.push(...faultsOfOrder(events.map(fieldsOf)));
  return faults;
}

/** An order is information, and a month has an id of its own. */
function faultsOfOrder(events: readonly Fields[]): readonly string[] {
  const said = events.map(({ ts, event, props }) => JSON.stringify([ts, event, props]));
  const isSorted = said.every((line, at) => at === 0 || line >= (said[at - 1] ?? ''));
  const months = new Set(said.map((line) => line.slice(2, 9)));
  return [
    ...(isSorted ? [] : ['events in an order of their own']),
    ...(months.size > 1 ? ['of two months'] : []),
  ];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No report at all, which its missing fields will tell.
    return undefined;
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : {};
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
    value.every((item, at) => {
      const place = list.indexOf(item as string);
      // One order, and each once.
      return place >= 0 && (at === 0 || place > list.indexOf(value[at - 1] as string));
    });

const id = like(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);

const headRules: Rules = {
  machine_id: id,
  batch_id: id,
  codegraph_version: like(
    /^(?:other|\d{1,3}(?:\.\d{1,3}){2}(?:-(?:alpha|beta|canary|dev|next|rc)(?:\.\d{1,3})?)?)$(?<!\b0\d+.*)/,
  ),
  os: oneOf(names.operatingSystems),
  arch: oneOf(names.architectures),
  node_major: wholeFrom(0, 99),
  ci: oneOf([true, false]),
  schema_version: oneOf([3]),
};

/** Also in the calendar: eight free digits could say something else. */
function isDate(text: string): boolean {
  const date = new Date(text);
  return Number.isFinite(date.getTime()) && date.toISOString() === text;
}

const eventRules: Rules = {
  event: oneOf(names.eventNames),
  event_id: id,
  ts: (value) => like(/^\d{4}-\d\d-\d\dT12:00:00\.000Z$/)(value) && isDate(value as string),
};

const counts: Rules = { count: wholeFrom(1, 1_000_000), error_count: wholeFrom(0, 1_000_000) };

const propsRules: ReadonlyMap<unknown, (props: Fields) => Rules> = new Map(
  Object.entries({
    usage_rollup: (props: Fields): Rules => ({
      kind: oneOf(names.counterKinds),
      name: oneOf(props['kind'] === 'mcp_tool' ? names.toolNames : names.cliNames),
      ...counts,
      ...('client_name' in props && { client_name: oneOf(clientNames) }),
      ...('client_version' in props && {
        client_version: like(/^(?:\d{1,3}|20\d\d)\.\d{1,3}$(?<!\b0\d+.*)/),
      }),
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
  }),
);

function checkFields(what: string, fields: Fields, rules: Rules, faults: string[]): void {
  const keys = new Set([...Object.keys(fields), ...Object.keys(rules)]);
  for (const key of keys) {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (!Object.hasOwn(fields, key)) faults.push(`${what} without ${key}`);
    else if (!rule?.(fields[key])) faults.push(`${what}.${key}: ${JSON.stringify(fields[key])}`);
  }
}
