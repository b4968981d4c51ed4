import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { agentListMs, maxAgentListBytes } from '../../../contract/limits.ts';
import type { Telemetry } from '../../telemetry.ts';
import type { Engine } from '../engine.ts';
import { type Ending, engineEnv, startEngine } from '../run-engine.ts';
import { findPathProblem } from './command-on-path.ts';
import type { InstallLine } from './install-line.ts';

/** Ids of agents, as the engine has them. */
export interface AgentsFound {
  /** Those whose configuration starts codegraph, by scope. */
  readonly global: readonly string[];
  readonly local: readonly string[];
  /** Those that the engine writes with `--yes`. */
  readonly meant: readonly string[];
}

/** How a run of the engine's installer ended, and what it found and left. */
export interface InstallerRun {
  readonly ending: Ending;
  readonly isDone: boolean;
  /** A signal asked for the end: nothing is worth waiting for. */
  readonly isInterrupted: boolean;
  /** Undefined where telemetry is off, or the engine does not say. */
  readonly agents: { readonly before: AgentsFound; readonly after: AgentsFound } | undefined;
  /** What is left of the time that this command may take after the engine. */
  readonly leftMs: () => number;
}

/** Runs and counts the engine's `install` or `uninstall`, between two looks at the agents. */
export async function runInstaller(
  engine: Engine,
  line: InstallLine,
  telemetry: Telemetry,
  waitMs: number,
): Promise<InstallerRun> {
  const { maySend, consent } = telemetry.status();
  // Nothing of earlier days is sent now: this may be over too soon for two flushes.
  if (maySend) void telemetry.warmUp();
  const before = consent.mode === 'off' ? undefined : await findAgents(engine, line, agentListMs);
  const ending = await startEngine(engine, line.args, installerEnv()).ended;
  const endedAt = performance.now();
  const leftMs = (): number => waitMs - (performance.now() - endedAt);
  const isDone = ending.code === 0 && ending.signal === undefined;
  const isInterrupted = ending.wasSignalled || ending.signal !== undefined;
  telemetry.count('cli_command', line.command, { ok: isDone });
  telemetry.persist();
  const after = before && !isInterrupted ? await findAgents(engine, line, leftMs()) : undefined;
  return { ending, isDone, isInterrupted, agents: before && after && { before, after }, leftMs };
}

/**
 * The engine offers `npm install -g @colbymchenry/codegraph`. Where `codegraph` is this command,
 * npm would give that name to the engine, and its use would not be counted: npm may only rehearse.
 */
function installerEnv(): NodeJS.ProcessEnv {
  const isOurs = findPathProblem(process.env, process.argv[1]) === undefined;
  return isOurs ? { ...engineEnv(), npm_config_dry_run: 'true' } : engineEnv();
}

// Runs in the engine's Node, and asks the engine's own table of agents: a copy would drift.
const script = `
const [registry, target, scope] = process.argv.slice(1);
const { ALL_TARGETS, resolveTargetFlag } = require(registry);
const configured = (where) => ALL_TARGETS.filter((agent) => agent.detect(where).alreadyConfigured);
for (const agents of [configured('global'), configured('local'), resolveTargetFlag(target, scope)])
  console.log(agents.map(({ id }) => id).join());`;

/**
 * Asks the engine which agents start codegraph. Undefined for an engine without such a table, or
 * one that does not answer in time. Starts one process, which changes nothing.
 */
function findAgents(
  { file, prefix }: Engine,
  { target = 'auto', scope }: InstallLine,
  timeoutMs: number,
): Promise<AgentsFound | undefined> {
  const program = prefix.at(-1);
  if (program === undefined || timeoutMs < 1) return Promise.resolve(undefined);
  const registry = join(dirname(program), '..', 'installer', 'targets', 'registry.js');
  const args = [...prefix.slice(0, -1), '--eval', script, '--', registry, target, scope];
  const timeout = Math.floor(timeoutMs);
  // It changes nothing, and so may be killed: one that ignores SIGTERM would keep this command.
  const options = {
    env: engineEnv(),
    timeout,
    killSignal: 'SIGKILL',
    maxBuffer: maxAgentListBytes,
  } as const;
  return new Promise((resolve) => {
    execFile(file, args, options, (error, stdout) => {
      resolve(error === null ? readLists(stdout) : undefined);
    });
  });
}

function readLists(text: string): AgentsFound | undefined {
  const lists = text.split('\n').map((line) => line.split(',').filter(Boolean));
  const [global, local, meant] = lists;
  return global && local && meant ? { global, local, meant } : undefined;
}
