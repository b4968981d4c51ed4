import { type CounterKind, counterKinds, type EventName, eventNames } from './report/lists.ts';

/**
 * What an answer was given to. Whoever has answered is collected from as the data set was then,
 * until they answer again: `codegraph install` asks, and says what is new.
 */
export interface DataVersion {
  /** UTC day. */
  readonly since: string;
  /** What it added, in words for whoever is asked again. */
  readonly added: string;
  /** Events and kinds of counter that it added. */
  readonly names: readonly (EventName | CounterKind)[];
}

/** Oldest first; the first is version 1. A version that only takes away needs no entry. */
export const dataVersions: readonly DataVersion[] = [
  {
    since: '2026-11-23',
    added:
      'use of commands and MCP tools, languages and size classes of indexed projects, agents that ' +
      'are configured, versions of codegraph, the system and Node',
    names: [...eventNames, ...counterKinds],
  },
];

/** The data set as it is now. */
export const dataVersion = dataVersions.length;

/** Whether an answer to version `agreedTo` covers an event or a kind of counter. */
export function isAgreed(
  name: EventName | CounterKind,
  agreedTo: number,
  versions: readonly DataVersion[] = dataVersions,
): boolean {
  return versions.slice(0, agreedTo).some(({ names }) => names.includes(name));
}
