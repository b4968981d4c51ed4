import * as v from 'valibot';
import {
  indexProps,
  installProps,
  uninstallProps,
  usageProps,
} from '../../../contract/report/allowlist.ts';
import {
  clientNames,
  counterKinds,
  durationBuckets,
  type EventName,
  fileCountBuckets,
  languages,
  targets,
} from '../../../contract/report/lists.ts';
import { fold, foldClientName, foldClientVersion, foldName } from '../../../contract/fold.ts';
import { maxCount, maxLanguages, maxTargets } from '../../../contract/limits.ts';

type RawProps = Readonly<Record<string, unknown>>;

// The allowlist, less strict in one way: schema 2 leaves out what it does not know.
const keptIndexProps = v.partial(indexProps);
const keptInstallProps = v.partial(installProps, ['targets']);
const keptUninstallProps = v.partial(uninstallProps);

export type KeptProps =
  | v.InferOutput<typeof usageProps>
  | v.InferOutput<typeof keptIndexProps>
  | v.InferOutput<typeof keptInstallProps>
  | v.InferOutput<typeof keptUninstallProps>;

/**
 * The part of an event's props that may be kept: folded into the closed lists, then held against
 * the allowlist. Undefined when something needed is missing or bad, so that the event is dropped.
 */
export function keepProps(event: EventName, raw: RawProps): KeptProps | undefined {
  switch (event) {
    case 'usage_rollup':
      return check(usageProps, foldUsage(raw));
    case 'index':
      return check(keptIndexProps, foldIndex(raw));
    case 'install':
      return check(keptInstallProps, {
        targets: foldList(targets, raw['targets'], maxTargets),
        scope: raw['scope'],
        kind: raw['kind'],
      });
    case 'uninstall':
      return check(keptUninstallProps, {
        targets: foldList(targets, raw['targets'], maxTargets),
      });
  }
}

function check<Schema extends v.GenericSchema>(
  schema: Schema,
  candidate: unknown,
): v.InferOutput<Schema> | undefined {
  const result = v.safeParse(schema, candidate, { abortEarly: true });
  return result.success ? result.output : undefined;
}

function foldUsage(raw: RawProps): unknown {
  const kind = member(counterKinds, raw['kind']);
  const name = raw['name'];
  return {
    kind,
    name: kind !== undefined && typeof name === 'string' ? foldName(kind, name) : undefined,
    count: raw['count'],
    error_count: isCount(raw['error_count']) ? raw['error_count'] : 0,
    client_name: foldClient(raw['client_name']),
    client_version: foldVersion(raw['client_version']),
  };
}

function foldIndex(raw: RawProps): unknown {
  const found = foldList(languages, raw['languages'], maxLanguages);
  return {
    languages: found?.length === 0 ? undefined : found,
    file_count_bucket: member(fileCountBuckets, raw['file_count_bucket']),
    duration_bucket: member(durationBuckets, raw['duration_bucket']),
  };
}

function foldClient(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  return member(clientNames, value) ?? foldClientName(value);
}

function foldVersion(value: unknown): string | undefined {
  return typeof value === 'string' ? foldClientVersion(value) : undefined;
}

/** Each listed name once, in the order received; what is over the bound is cut. */
function foldList<const List extends readonly string[]>(
  list: List & ('other' extends List[number] ? unknown : never),
  value: unknown,
  max: number,
): List[number][] | undefined {
  if (!Array.isArray(value)) return undefined;
  const names = value.filter((item) => typeof item === 'string');
  return [...new Set(names.map((name) => fold(list, name)))].slice(0, max);
}

function member<const List extends readonly string[]>(
  list: List,
  value: unknown,
): List[number] | undefined {
  return list.find((item) => item === value);
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= maxCount;
}
