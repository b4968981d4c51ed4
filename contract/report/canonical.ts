import type { Report, ReportEvent } from './allowlist.ts';
import { languages, targets } from './lists.ts';

/**
 * The one order that a report may have. An order is information too: a list of 30 words can say a
 * hundred bits by its order alone, and 2,000 events twenty thousand.
 */
export function toCanonical(report: Report): Report {
  return { ...report, events: sortByText(report.events.map(orderLists), sortKeyOf) };
}

/** In the order of their texts. Each text is made once: the sandbox has no compiler to make it cheap. */
export function sortByText<Value>(
  values: readonly Value[],
  textOf: (value: Value) => string,
): Value[] {
  const texts = new Map(values.map((value) => [value, textOf(value)]));
  return values.toSorted((one, other) => {
    const left = texts.get(one)!;
    const right = texts.get(other)!;
    if (left === right) return 0;
    return left < right ? -1 : 1;
  });
}

function orderLists(event: ReportEvent): ReportEvent {
  switch (event.event) {
    case 'usage_rollup':
      return event;
    case 'index':
      return {
        ...event,
        props: { ...event.props, languages: inOrder(languages, event.props.languages) },
      };
    case 'install':
      return {
        ...event,
        props: { ...event.props, targets: inOrder(targets, event.props.targets) },
      };
    case 'uninstall':
      return {
        ...event,
        props: { ...event.props, targets: inOrder(targets, event.props.targets) },
      };
  }
}

/** The names in the order of their closed list, each once. */
function inOrder<Name extends string>(list: readonly Name[], names: readonly Name[]): Name[] {
  return list.filter((name) => names.includes(name));
}

/** By day, then by what is said; the random id is not looked at. */
function sortKeyOf({ ts, event, props }: ReportEvent): string {
  return `${ts} ${event} ${JSON.stringify(props)}`;
}
