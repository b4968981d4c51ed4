import type { InstallScope } from '../../../contract/report/lists.ts';
import type { Surroundings } from './agent-folders.ts';
import { type Agent, type AgentId, agents } from './agents.ts';
import type { Dialog } from './dialog.ts';

/** Whom it is about. */
export interface Selection {
  readonly ids: readonly AgentId[];
  readonly scope: InstallScope;
}

/** Asks for agents; those that `isPreset` says are ticked. */
export async function askAgents(
  dialog: Dialog,
  question: string,
  choices: readonly Agent[],
  stateOf: (agent: Agent) => { readonly isPreset: boolean; readonly words: string },
): Promise<readonly AgentId[] | undefined> {
  const options = choices.map((agent) => ({
    value: agent.id,
    label: `${agent.name} ${stateOf(agent).words}`.trim(),
  }));
  const preset = choices.filter((agent) => stateOf(agent).isPreset).map(({ id }) => id);
  return await dialog.chooseSome(question, options, preset);
}

/** Asks where. */
export async function askScope(
  dialog: Dialog,
  question: string,
  project: string,
): Promise<InstallScope | undefined> {
  const choices = [
    { value: 'global', label: 'All projects', hint: 'in your home folder' },
    { value: 'local', label: 'Just this project', hint: project },
  ] as const;
  return await dialog.choose<InstallScope>(question, choices, 'global');
}

/** Whether an agent has settings of that scope at all. */
export function hasScope(agent: Agent, scope: InstallScope, at: Surroundings): boolean {
  return agent.configFile(scope, at) !== undefined;
}

/** Names of agents, for people. */
export function namesOf(ids: readonly AgentId[]): string {
  return agents
    .filter(({ id }) => ids.includes(id))
    .map(({ name }) => name)
    .join(', ');
}
