import { type ChoiceSource, type Mode, modes } from '../contract/choice-file.ts';
import {
  type Consent,
  type ConsentOverrides,
  type ConsentPaths,
  maySend,
} from '../contract/consent.ts';
import { maskEndpoint } from '../contract/endpoint.ts';
import type { FlushResult } from '../contract/flush.ts';
import {
  commandFlushDeadlineMs,
  flushIntervalMs,
  serverFlushDeadlineMs,
} from '../contract/limits.ts';
import type { CounterKind } from '../contract/report/lists.ts';
import { choose, type ChoiceResult } from './consent/choose.ts';
import { findMachineId } from './consent/stored-identity.ts';
import { modeStoredIn, type StoredMode } from './consent/store-choice.ts';
import { printable } from '../contract/printable.ts';
import { ConsentWatch } from './consent/watch.ts';
import type { Client } from './counting/counters.ts';
import type { LifecycleFacts, LifecycleName } from './counting/lifecycle.ts';
import { Recorder } from './counting/recorder.ts';
import { attempt, clockOf, readDuration } from './host-values.ts';
import {
  defaultEndpoint,
  describeMachine,
  findEndpoint,
  findPaths,
  isDebugging,
  readNetwork,
  readOverrides,
} from './environment.ts';
import { FlushSchedule } from './sending/flush-schedule.ts';
import { Flusher } from './sending/flusher.ts';
import { untilIdle } from './sending/until-idle.ts';

export interface TelemetryOptions {
  /** Version of codegraph, such as `1.6.1`. */
  readonly version: string;
  /** Off for this process, as by `--no-telemetry`. */
  readonly isDisabled?: boolean;
  /**
   * The file of the sender thread, `thread.mjs`, if a bundler has moved it: a path, a file URL, or a
   * data URL with its text. Otherwise it is found beside the bundle or in the installed package.
   */
  readonly thread?: string | URL;
  /** Where reports go: https, or http on this machine. */
  readonly endpoint?: string;
  /**
   * Where the files are, in place of `~/.codegraph` and the system's policy file. What is counted stays
   * the same: the names of codegraph's lists, and `other` for any other name.
   */
  readonly paths?: ConsentPaths;
  /** What to read variables from, in place of `process.env`: its HOME, its switches, its CI. */
  readonly env?: Environment;
  /** Milliseconds since 1970, in place of the system's clock. */
  readonly now?: () => number;
}

/** Variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface CountOptions {
  /** How the call ended; true unless given. */
  readonly ok?: boolean | undefined;
  /** The MCP client that made it. */
  readonly client?: Client | undefined;
}

export interface TelemetryStatus {
  readonly consent: Consent;
  /** Whether a report could be sent now. */
  readonly maySend: boolean;
  readonly endpoint: string;
  /** The stored choice, also if something overrides it; null without one. */
  readonly storedMode: StoredMode;
  /** The ID of this month's reports; null before the first. Reads the disk. */
  readonly machineId: string | null;
  /** What the process was told by its variables and options. */
  readonly overrides: ConsentOverrides | undefined;
  /** Where the files are; undefined for a user without a home. */
  readonly paths: ConsentPaths | undefined;
}

/** A process's own telemetry. After `openTelemetry`, no method throws. */
export interface Telemetry {
  /** Counts one use of a command or a tool, in memory. Names outside the lists count as `other`. */
  count(kind: CounterKind, name: string, options?: CountOptions): void;
  /** Notes a use that is not counted, because its end cannot be seen. `status` shows how many. */
  drop(): void;
  /** Records a lifecycle event, in memory. Exact numbers become buckets here and go no further. */
  record<Name extends LifecycleName>(name: Name, facts: LifecycleFacts[Name]): void;
  /** Appends the counts to the buffer, as also happens when the process ends. */
  persist(): void;
  /** Starts the sender thread early, if a flush will certainly follow. */
  warmUp(): Promise<void>;
  /**
   * Lets the sender thread roll up, check and send, beside the work of the process. Never rejects.
   * It does not keep the process alive: awaited with nothing else left to do, it is `waiting`. With
   * `timeoutMs` the process stays until it is done, at most that long.
   */
  flush(options?: { readonly timeoutMs?: number }): Promise<FlushResult>;
  /**
   * For a server: flushes after five seconds, then every `intervalMs` (default: six hours). Keeps no
   * process alive. A flush with nothing to send starts no thread. `close` ends it.
   */
  flushEvery(intervalMs?: number): void;
  /**
   * Stores the choice of this user; `off` also deletes everything that was counted. `message` tells a
   * person the result, or what went wrong. `source` is how the choice was made (default: `cli`).
   */
  choose(wish: Mode, source?: ChoiceSource): ChoiceResult;
  /** The decision at this moment. Looks at the choice file. */
  status(): TelemetryStatus;
  /** Persists, stops all timers and hooks, and ends the thread. */
  close(): Promise<void>;
}

/**
 * Opens telemetry for this process. Cheap: one or two `stat` calls, no write, no thread. While consent is
 * off, nothing is counted, written or sent.
 *
 * @example
 * const telemetry = openTelemetry({ version: '1.6.1' });
 * telemetry.count('cli_command', 'query', { ok: true });
 *
 * @throws TypeError if an option is invalid.
 */
export function openTelemetry(options: TelemetryOptions): Telemetry {
  checkOptions(options);
  const env = options.env ?? process.env;
  const paths = options.paths === undefined ? findPaths(env) : readPaths(options.paths);
  if (paths === undefined) return silence;
  const overrides = readOverrides(env, options.isDisabled ?? false);
  const endpoint = options.endpoint ?? findEndpoint(env);
  return start(new ConsentWatch(overrides, paths), endpoint, env, options);
}

function start(
  watch: ConsentWatch,
  endpoint: string,
  env: Environment,
  { version, thread, now: hostClock = Date.now }: TelemetryOptions,
): Telemetry {
  const now = clockOf(hostClock);
  const flusher = new Flusher(watch, thread);
  const recorder = new Recorder(watch, now, () => {
    schedule.hurry();
  });
  const schedule = new FlushSchedule(() => void flush(serverFlushDeadlineMs));

  async function flush(deadlineMs: number): Promise<FlushResult> {
    recorder.persist();
    const machine = describeMachine(version, env);
    const network = readNetwork(env, process.execArgv);
    const result = await flusher.flush({ endpoint, machine, network, now: now(), deadlineMs });
    if (isDebugging(env)) tellFlush(result, endpoint);
    return result;
  }

  return {
    count(kind, name, options) {
      try {
        recorder.count(kind, name, options?.ok === false, options?.client);
      } catch {
        // A value of the host's throws where it is looked at: the use is counted all the same.
        recorder.count(kind, name, hasFailed(options), undefined);
      }
    },
    drop() {
      recorder.drop();
    },
    record(name, facts) {
      recorder.record(name, facts);
    },
    persist() {
      recorder.persist();
    },
    async warmUp() {
      await flusher.warmUp(now());
    },
    async flush(options) {
      const timeoutMs = readDuration(attempt(() => options?.timeoutMs));
      if (timeoutMs === undefined) return await untilIdle(flush(commandFlushDeadlineMs));
      return await within(timeoutMs, flush(timeoutMs));
    },
    flushEvery(intervalMs) {
      schedule.start(readDuration(intervalMs) ?? flushIntervalMs);
    },
    choose(wish, source) {
      recorder.lookAgain();
      if (modes.includes(wish)) return choose(watch, wish, source);
      const message = `Expected one of ${modes.join(', ')}.`;
      const { mode } = watch.look();
      return { ok: false, mode, storedMode: modeStoredIn(watch.paths.dataDir), message };
    },
    status() {
      const consent = watch.look();
      const { overrides, paths } = watch;
      return {
        consent,
        maySend: maySend(consent, now()),
        endpoint,
        storedMode: modeStoredIn(paths.dataDir),
        get machineId() {
          return findMachineId(paths.dataDir);
        },
        overrides,
        paths,
      };
    },
    async close() {
      schedule.stop();
      recorder.close();
      await flusher.close();
    },
  };
}

/** A function of its own: what a closure refers to, `count` would allocate at each call. */
function hasFailed(options: CountOptions | undefined): boolean {
  return attempt(() => options?.ok) === false;
}

/** Keeps the process until `flushed` settles or the time is up; the flush then goes on unattended. */
async function within(timeoutMs: number, flushed: Promise<FlushResult>): Promise<FlushResult> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<FlushResult>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, { outcome: 'waiting', sentReports: 0, sentEvents: 0 });
  });
  try {
    return await Promise.race([flushed, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}

/** The outcome of a flush, for a user who set `CODEGRAPH_TELEMETRY_DEBUG=1`. */
function tellFlush(
  { outcome, sentReports, sentEvents, detail }: FlushResult,
  endpoint: string,
): void {
  const sent = `${sentReports} reports with ${sentEvents} events to ${maskEndpoint(endpoint)}`;
  const reason = detail === undefined ? '' : ` (${printable(detail)})`;
  process.stderr.write(`codegraph telemetry: ${outcome}, ${sent}${reason}\n`);
}

/** For a process without a home: it counts nothing. */
const silence: Telemetry = {
  count: ignore,
  drop: ignore,
  record: ignore,
  persist: ignore,
  warmUp: () => Promise.resolve(),
  flush: () => Promise.resolve({ outcome: 'off', sentReports: 0, sentEvents: 0 }),
  flushEvery: ignore,
  choose: () => ({ ok: false, mode: 'off', storedMode: null, message: 'This user has no home.' }),
  status: () => ({
    consent: {
      mode: 'off',
      decidedBy: 'unreadable',
      sendFrom: Infinity,
      generation: 0,
      warning: 'no home folder of its own',
    },
    maySend: false,
    endpoint: defaultEndpoint,
    storedMode: null,
    machineId: null,
    overrides: undefined,
    paths: undefined,
  }),
  close: () => Promise.resolve(),
};

function ignore(): void {}

function checkOptions(options: TelemetryOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`openTelemetry: expected options, got ${String(options)}`);
  }
  checkOption(options, 'version', 'string', true);
  checkOption(options, 'isDisabled', 'boolean', false);
  if (!(options.thread instanceof URL)) checkOption(options, 'thread', 'string', false);
  checkOption(options, 'endpoint', 'string', false);
  checkOption(options, 'paths', 'object', false);
  if (options.paths !== undefined) checkPaths(readPaths(options.paths));
  checkOption(options, 'env', 'object', false);
  checkOption(options, 'now', 'function', false);
}

/** A host may still say `home`, as `dataDir` was called before 0.2. */
function readPaths(paths: Partial<ConsentPaths> & { readonly home?: string }): ConsentPaths {
  // Checked by `checkPaths`.
  return { dataDir: paths.dataDir ?? paths.home, policyFile: paths.policyFile } as ConsentPaths;
}

function checkPaths(paths: ConsentPaths): void {
  for (const key of ['dataDir', 'policyFile'] as const) {
    if (typeof paths[key] === 'string') continue;
    throw new TypeError(
      `openTelemetry: expected paths.${key} to be a string, got ${typeof paths[key]}`,
    );
  }
}

function checkOption(
  options: TelemetryOptions,
  key: keyof TelemetryOptions,
  type: string,
  isRequired: boolean,
): void {
  const value: unknown = options[key];
  if (value === undefined ? !isRequired : typeof value === type) return;
  throw new TypeError(`openTelemetry: expected ${key} to be a ${type}, got ${typeof value}`);
}
