import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { choiceFileName, lockFile } from '../../contract/files.ts';
import { minuteMs } from './clock.ts';
import { flushAt } from './host.ts';
import { distinctEvents, type Ingest } from './ingest.ts';
import { type TestHome, listFiles } from './home.ts';
import { keys, type Screen } from './screen.ts';

/** The questions of `codegraph install`, in order. */
export const questions = {
  agents: 'Which agents should use codegraph?',
  where: 'For which projects?',
  toggle: 'Share how codegraph is used?',
  go: 'Go ahead?',
};

/** Keys that move from the preset answer of the toggle to another one, and give it. */
export const answers = {
  yes: [keys.enter],
  local: [keys.down, keys.enter],
  no: [keys.down, keys.down, keys.enter],
  show: [keys.up, keys.enter],
};

/** Takes the preset answers up to the toggle. */
export async function typeToToggle(screen: Screen): Promise<void> {
  await screen.asks(questions.agents);
  screen.type(keys.enter);
  await screen.asks(questions.where);
  screen.type(keys.enter);
  await screen.asks(questions.toggle);
}

/** Confirms, and waits for the end. Returns the exit code. */
export async function typeGo(screen: Screen): Promise<number> {
  await screen.asks(questions.go);
  screen.type(keys.enter);
  return (await screen.ended).code;
}

/** Makes an agent be there: Cursor, which has one file. */
export function haveCursor({ home }: TestHome): void {
  mkdirSync(join(home, '.cursor'));
}

/** What is in the choice file. */
export function readStored({ folder }: TestHome): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(join(folder, choiceFileName), 'utf8')) as Record<string, unknown>;
}

/** Files and folders in `~/.codegraph`; a claim by no more than that it is one. */
export function filesOf({ folder }: TestHome): readonly string[] {
  const names = listFiles(folder).map((name) => name.replace(/claim-\w+/, 'claim'));
  return [...new Set(names)];
}

/** Lifecycle events that arrived, each once: name and props. */
export function lifecycleIn(bodies: readonly string[]): readonly (readonly [string, object])[] {
  return distinctEvents(bodies).flatMap(({ event, props }) =>
    event === 'usage_rollup' ? [] : [[event, props]],
  );
}

/** The same, when what a slow machine could not send in its second has been sent as well. */
export async function allLifecycleOf(
  home: TestHome,
  { bodies, place }: Ingest,
  env: NodeJS.ProcessEnv = place,
): Promise<readonly (readonly [string, object])[]> {
  const afterAnyBackoff = Date.now() + minuteMs;
  // Whoever held it has ended, maybe in the middle of a commit; it would go stale in two minutes.
  rmSync(join(home.folder, lockFile), { force: true });
  await flushAt(home, afterAnyBackoff, env);
  return lifecycleIn(bodies);
}
