import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { choiceFileName, lockFile } from '../../contract/files.ts';
import { minuteMs } from './clock.ts';
import { flushAt } from './host.ts';
import { distinctEvents, type Ingest } from './ingest.ts';
import { type TestHome } from './home.ts';
import { listFiles } from './list-files.ts';
import { keys, type Screen } from './screen.ts';

/** The one question that is ours. */
export const toggle = 'Share how codegraph is used?';

/** What the engine's own installer asks for Cursor, in order, and a key that answers it. */
export const engineQuestions = {
  agents: ['Which agents should CodeGraph configure?', keys.enter],
  // Yes would be for npm to do, beyond this machine.
  path: ['Install the codegraph CLI on your PATH?', 'n'],
  where: ['Apply agent configs to all your projects', keys.enter],
  waitlist: ['Want early access to CodeGraph Pro?', 'n'],
} as const;

/** Keys that move from the preset answer of the toggle to another one, and give it. */
export const answers = {
  yes: [keys.enter],
  local: [keys.down, keys.enter],
  no: [keys.down, keys.down, keys.enter],
  show: [keys.up, keys.enter],
};

/** Waits for the engine's questions and gives these answers. Returns the exit code. */
export async function answerEngine(
  screen: Screen,
  steps: readonly (readonly [question: string, key: string])[] = Object.values(engineQuestions),
): Promise<number> {
  for (const [question, key] of steps) {
    await screen.asks(question);
    screen.type(key);
  }
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

/** Telemetry's files and folders in `~/.codegraph`; a claim by no more than that it is one. */
export function filesOf({ folder }: TestHome): readonly string[] {
  const names = listFiles(folder).map((name) => name.replace(/claim-\w+/, 'claim'));
  // Whether the waitlist was asked about is the engine's.
  return [...new Set(names)].filter((name) => name !== 'beta-signup.json');
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
