import type { FrameEvent } from '../../contract/frame.ts';
import { maxLanguages, maxTargets } from '../../contract/limits.ts';
import { durationBucket, fileCountBucket, fold } from '../../contract/fold.ts';
import {
  type InstallKind,
  type InstallScope,
  languages,
  targets,
} from '../../contract/report/lists.ts';

/** What a host says of a lifecycle event. Exact numbers become buckets here and go no further. */
export interface LifecycleFacts {
  readonly index: {
    /** Language names, most used first. Without any, there is no event. */
    readonly languages: readonly string[];
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
    case 'install': {
      const { targets: ids, scope, kind } = facts as LifecycleFacts['install'];
      return ['install', { targets: foldAll(targets, ids, maxTargets), scope, kind }];
    }
    case 'uninstall': {
      const { targets: ids } = facts as LifecycleFacts['uninstall'];
      return ['uninstall', { targets: foldAll(targets, ids, maxTargets) }];
    }
  }
}

function toIndexEvent(facts: LifecycleFacts['index']): FrameEvent | undefined {
  const names = foldAll(languages, facts.languages, maxLanguages);
  if (names.length === 0) return undefined;
  return [
    'index',
    {
      languages: names,
      file_count_bucket: fileCountBucket(facts.fileCount),
      duration_bucket: durationBucket(facts.durationMs),
    },
  ];
}

/** Distinct names of the closed list, in order, as many as the contract takes. */
function foldAll(
  list: readonly string[],
  names: readonly string[],
  most: number,
): readonly string[] {
  return [...new Set(names.map((name) => fold(list, name)))].slice(0, most);
}
