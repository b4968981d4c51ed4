import files from 'node:fs';
import { join } from 'node:path';
import { isSet } from '../../../contract/consent.ts';
import { findPaths } from '../../environment.ts';
import { findEngine, frontVariable, readEngineCommand } from '../engine.ts';
import { isOnByChoice } from '../serve/engine-daemon.ts';
import { findFirstPlace, isAttached } from './place.ts';

/** Which program a shell starts as `codegraph`, and what that means for the counts. */
export interface CountedBy {
  readonly by: 'front' | 'engine' | 'nothing';
  /** The path of that command; null where there is none. */
  readonly command: string | null;
  readonly frontVersion: string;
  /** What the command runs in the end; null where it is not installed. */
  readonly engine: { readonly path: string; readonly version: string } | null;
  /** What to know, and how to mend it; null where all is well. */
  readonly warning: string | null;
}

/** Looks at the PATH and the packages. Changes nothing, and starts no process. */
export function describeCountedBy(env: NodeJS.ProcessEnv): CountedBy {
  const place = findFirstPlace(env);
  const command = place?.command ?? null;
  const isFront = place !== undefined && (isAttached(place) || isOurs(place.command));
  const engine =
    place === undefined || isFront
      ? findEngine({ ...env, [frontVariable]: command ?? undefined })
      : readEngineCommand(place.command, env);
  const by = place === undefined ? 'nothing' : isFront ? 'front' : 'engine';
  return {
    by,
    command,
    frontVersion: readFrontVersion(),
    engine: engine === undefined ? null : { path: engine.file, version: engine.version },
    warning: by === 'engine' ? warnOfEngine(command ?? '', env) : null,
  };
}

/** The same for a person, as the value of a row. */
export function formatCountedBy({ by, command, frontVersion, engine }: CountedBy): string {
  const behind = engine === null ? 'no engine' : `engine ${engine.version} at ${engine.path}`;
  if (by === 'nothing') return `nothing: there is no codegraph on your PATH (${behind})`;
  return by === 'front'
    ? `this command: ${command} (codegraph-telemetry ${frontVersion}, ${behind})`
    : `the engine by itself: ${command} (${behind})`;
}

function warnOfEngine(command: string, env: NodeJS.ProcessEnv): string {
  const own = engineSends(env)
    ? 'the engine counts it and sends it by its own telemetry'
    : "the engine's own telemetry is off";
  return (
    `${command} is the engine's own command: its use is not counted here, and ${own}. ` +
    'To count it here: codegraph-telemetry attach'
  );
}

/** As the engine by itself would decide. */
function engineSends(env: NodeJS.ProcessEnv): boolean {
  if (isSet(env['DO_NOT_TRACK'])) return false;
  const wish = env['CODEGRAPH_TELEMETRY'];
  if (wish) return isSet(wish);
  const paths = findPaths(env);
  return paths !== undefined && isOnByChoice(paths.dataDir);
}

/** Linked by a package manager instead of by `attach`. */
function isOurs(command: string): boolean {
  try {
    return (
      files.realpathSync(command) === files.realpathSync(join(import.meta.dirname, 'codegraph.js'))
    );
  } catch {
    return false;
  }
}

function readFrontVersion(): string {
  try {
    const text = files.readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8');
    return (JSON.parse(text) as { readonly version?: string }).version ?? 'unknown';
  } catch {
    return 'unknown';
  }
}
