import type { FrameEvent } from '../../contract/frame.ts';
import { maxLanguages, maxTargets } from '../../contract/limits.ts';
import { durationBucket, fileCountBucket, fold } from '../../contract/fold.ts';
import {
  type InstallKind,
  installKinds,
  type InstallScope,
  installScopes,
  languages,
  targets,
} from '../../contract/report/lists.ts';

/** What a host says of a lifecycle event. Exact numbers become buckets here and go no further. */
export interface LifecycleFacts {
  readonly index: {
    /** Language names, most used first: of more than a report takes, the first are kept. Without any, there is no event. */
    readonly languages: readonly string[];
    /** Without a finite number of 0 or more, here and below, there is no event. */
    readonly fileCount: number;
    readonly durationMs: number;
  };
  readonly install: {
    /** Ids of the agents that were configured. */
    readonly targets: readonly string[];
    readonly scope: InstallScope;
    readonly kind: InstallKind;
  };
  readonly uninstall: {
    /** Ids of the agents that were removed. */
    readonly targets: readonly string[];
  };
}

export type LifecycleName = keyof LifecycleFacts;

/** The event as the allowlist has it; undefined when there is nothing to say. */
export function toFrameEvent<Name extends LifecycleName>(
  name: Name,
  facts: LifecycleFacts[Name],
): FrameEvent | undefined;
export function toFrameEvent(
  name: LifecycleName,
  facts: LifecycleFacts[LifecycleName],
): FrameEvent | undefined {
  // `name` and `facts` belong together by the signature above; here the compiler sees only both.
  switch (name) {
    case 'index':
      return toIndexEvent(facts as LifecycleFacts['index']);
    case 'install':
      return toInstallEvent(facts as LifecycleFacts['install']);
    case 'uninstall': {
      const { targets: ids } = facts as LifecycleFacts['uninstall'];
      return ['uninstall', { targets: foldAll(targets, ids, maxTargets) }];
    }
  }
}

function toIndexEvent(facts: LifecycleFacts['index']): FrameEvent | undefined {
  const { fileCount, durationMs } = facts;
  const names = foldAll(languages, facts.languages, maxLanguages);
  if (names.length === 0 || !isAmount(fileCount) || !isAmount(durationMs)) return undefined;
  return [
    'index',
    {
      languages: names,
      file_count_bucket: fileCountBucket(fileCount),
      duration_bucket: durationBucket(durationMs),
    },
  ];
}

function toInstallEvent(facts: LifecycleFacts['install']): FrameEvent | undefined {
  const { scope, kind } = facts;
  if (!installScopes.includes(scope) || !installKinds.includes(kind)) return undefined;
  return ['install', { targets: foldAll(targets, facts.targets, maxTargets), scope, kind }];
}

/** Whether a host's number is one: what is none would fall into a bucket all the same. */
function isAmount(value: unknown): boolean {
  return Number.isFinite(value) && (value as number) >= 0;
}

// Ten times what the longest list of ours has: a host's list may have no end.
const maxLookedAt = 400;

/**
 * Distinct names of the closed list, in order, as many as the contract takes.
 *
 * @throws what the host's list throws, and TypeError for what is none.
 */
function foldAll(list: readonly string[], names: unknown, most: number): readonly string[] {
  if (!Array.isArray(names)) throw new TypeError('names: expected an array');
  // Not `map`, which leaves holes as they are.
  const folded = Array.from(names.slice(0, maxLookedAt), (name) => fold(list, name));
  return [...new Set(folded)].slice(0, most);
}
