import type { InstallScope } from '../../../contract/report/lists.ts';
import type { Mode } from '../../../contract/choice-file.ts';
import type { TelemetryContext } from '../telemetry/context.ts';
import type { Surroundings } from './agent-folders.ts';
import { type AgentId, agents } from './agents.ts';
import { findPathProblem } from './command-on-path.ts';
import type { Dialog } from './dialog.ts';
import { type InstallLine, readScope, readTargets } from './install-line.ts';
import { askConsent } from './toggle.ts';
import { askAgents, askScope, hasScope, namesOf, type Selection } from './who-and-where.ts';

/** Everything is decided, and may be done. */
export interface InstallDecision extends Selection {
  readonly kind: 'go';
  readonly consent: Mode | 'decided';
}

/** What a person answered. `refused` is a cancel at the toggle, which is a no to telemetry. */
export type InstallAnswer =
  | InstallDecision
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'refused' };

const cancelled = { kind: 'cancelled' } as const;

/** Asks what the line has not said: which agents, where, and about telemetry. Changes nothing. */
export async function askInstall(
  dialog: Dialog,
  line: InstallLine,
  context: TelemetryContext,
  at: Surroundings,
): Promise<InstallAnswer> {
  const ids = line.target === undefined ? await askWhom(dialog, line, at) : targetsOf(line, at);
  if (ids === undefined) return cancelled;
  const scope = await askWhere(dialog, line, ids, at);
  if (scope === undefined) return cancelled;
  const consent = line.telemetry === undefined ? await askConsent(dialog, context) : 'decided';
  if (consent === undefined) return { kind: 'refused' };
  dialog.show(summarize({ ids, scope }, line, consent, at), 'What will be done');
  const problem = findPathProblem(at.env, process.argv[1]);
  if (problem !== undefined) dialog.warn(problem);
  const isGo = await dialog.confirm('Go ahead?', true);
  return isGo === true ? { kind: 'go', ids, scope, consent } : cancelled;
}

/** Those that are there are ticked; where none is, the one that the engine would take. */
async function askWhom(
  dialog: Dialog,
  { location }: InstallLine,
  at: Surroundings,
): Promise<readonly AgentId[] | undefined> {
  const scope = (location === undefined ? undefined : readScope(location)) ?? 'global';
  const present = presentIds(scope, at);
  const preset = present.length > 0 ? present : ['claude'];
  return await askAgents(dialog, 'Which agents should use codegraph?', agents, (agent) => ({
    isPreset: preset.includes(agent.id),
    words: present.includes(agent.id) ? '(found)' : '',
  }));
}

function presentIds(scope: InstallScope, at: Surroundings): readonly AgentId[] {
  return agents.filter((agent) => agent.isPresent(scope, at)).map(({ id }) => id);
}

function targetsOf({ target = '', location }: InstallLine, at: Surroundings): readonly AgentId[] {
  const scope = (location === undefined ? undefined : readScope(location)) ?? 'global';
  return target === 'auto' ? presentIds(scope, at) : (readTargets(target) ?? []);
}

async function askWhere(
  dialog: Dialog,
  { location }: InstallLine,
  ids: readonly AgentId[],
  at: Surroundings,
): Promise<InstallScope | undefined> {
  if (location !== undefined) return readScope(location);
  const isForUserOnly = agents.every(
    (agent) => !ids.includes(agent.id) || !hasScope(agent, 'local', at),
  );
  if (!isForUserOnly) return await askScope(dialog, 'For which projects?', at.project);
  dialog.say('For all projects: these agents have no settings for one alone.');
  return 'global';
}

function summarize(
  { ids, scope }: Selection,
  { mayAllowTools, hasInit }: InstallLine,
  consent: Mode | 'decided',
  at: Surroundings,
): string {
  const served = agents.filter((agent) => ids.includes(agent.id) && hasScope(agent, scope, at));
  const left = ids.filter((id) => !served.some((agent) => agent.id === id));
  const where = scope === 'global' ? 'all your projects' : at.project;
  const lines = [
    `codegraph becomes an MCP server of ${namesOf(served.map(({ id }) => id)) || 'no agent'}, for ${where}.`,
    left.length > 0 && `Left out, as they have no settings for one project: ${namesOf(left)}.`,
    ids.includes('claude') && sayClaude(mayAllowTools),
    hasInit && 'Then this project is indexed.',
    consent !== 'decided' && sayConsent[consent],
  ];
  return lines.filter((text) => text !== false).join('\n');
}

function sayClaude(mayAllowTools: boolean): string {
  return mayAllowTools
    ? 'Claude Code gets a prompt hook, and may use codegraph without asking. To have it ask: --no-permissions'
    : 'Claude Code gets a prompt hook.';
}

const sayConsent: { readonly [Key in Mode]: string } = {
  on: 'Telemetry is on.',
  local: 'Telemetry counts for you and sends nothing.',
  off: 'Telemetry is off.',
};
