import type { InstallScope } from '../../../contract/report/lists.ts';
import type { Surroundings } from './agent-folders.ts';
import { type AgentId, agents } from './agents.ts';
import { findConfigured } from './configured.ts';
import type { Dialog } from './dialog.ts';
import { type InstallLine, readScope, readTargets } from './install-line.ts';
import { askAgents, askScope, hasScope, namesOf, type Selection } from './who-and-where.ts';

/** What a person answered. */
export interface UninstallAnswer extends Selection {
  /** The engine's command goes as well. */
  readonly removesCommand: boolean;
}

/** Asks what the line has not said: where, which agents. Undefined is a cancel. Changes nothing. */
export async function askUninstall(
  dialog: Dialog,
  line: InstallLine,
  at: Surroundings,
): Promise<UninstallAnswer | undefined> {
  const scope =
    line.location === undefined
      ? await askScope(dialog, 'Remove codegraph from which projects?', at.project)
      : readScope(line.location);
  if (scope === undefined) return undefined;
  const ids =
    line.target === undefined ? await askWhom(dialog, scope, at) : readTargets(line.target);
  if (ids === undefined) return undefined;
  const removesCommand = await askCommand(dialog, line, scope);
  if (removesCommand === undefined) return undefined;
  dialog.show(summarize({ ids, scope, removesCommand }, at), 'What will be done');
  const isGo = await dialog.confirm('Go ahead?', true);
  return isGo === true ? { ids, scope, removesCommand } : undefined;
}

/** Those that have codegraph are ticked; if none has, all: there may be leftovers. */
async function askWhom(
  dialog: Dialog,
  scope: InstallScope,
  at: Surroundings,
): Promise<readonly AgentId[] | undefined> {
  const configured = findConfigured(scope, at);
  const choices = agents.filter((agent) => hasScope(agent, scope, at));
  return await askAgents(dialog, 'From which agents?', choices, ({ id }) => ({
    isPreset: configured.length === 0 || configured.includes(id),
    words: configured.includes(id) ? '(has codegraph)' : '',
  }));
}

/** The engine takes its command away for all projects or not at all. */
async function askCommand(
  dialog: Dialog,
  { removesCommand }: InstallLine,
  scope: InstallScope,
): Promise<boolean | undefined> {
  if (removesCommand !== undefined || scope === 'local') return removesCommand ?? false;
  return await dialog.confirm('Remove the command of the engine from this machine as well?', false);
}

function summarize({ ids, scope, removesCommand }: UninstallAnswer, at: Surroundings): string {
  const where = scope === 'global' ? 'all your projects' : at.project;
  const lines = [
    `codegraph is taken out of ${namesOf(ids)}, for ${where}.`,
    'Indexes of projects stay; see: codegraph uninit',
    removesCommand && "The engine's command is removed from this machine.",
  ];
  return lines.filter((text) => text !== false).join('\n');
}
