import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { type Ended, type Running } from '../support/child.ts';
import type { TestHome } from '../support/home.ts';
import { type HostOptions, startHost } from '../support/host.ts';

const preload = pathToFileURL(join(import.meta.dirname, 'programs', 'steps.mjs')).href;

/** An environment that puts clock and pauses into both threads of a program. */
export function inBothThreads(question: string): NodeJS.ProcessEnv {
  return { NODE_OPTIONS: `--import=${preload}?${question}` };
}

/** A program that waits before each of its steps. */
export interface Stepped {
  readonly ended: Promise<Ended>;
  /** The step before which it waits, such as `sender: POST`; undefined when it has ended. */
  next(): Promise<string | undefined>;
  /** Lets it take that step. */
  go(): void;
  kill(): void;
}

/** Starts one; `shiftMs` sets its clock, the sender thread's too. */
export function startStepped(
  home: TestHome,
  body: string,
  { env, ...options }: HostOptions,
  shiftMs = 0,
): Stepped {
  const steps = inBothThreads(`pause&shift=${shiftMs}`);
  return follow(startHost(home, body, { ...options, env: { ...env, ...steps } }));
}

/** Lets it go on to the first step that is meant; returns that, or undefined when it ended before. */
export async function goTo(
  stepped: Stepped,
  isMeant: (step: string) => boolean,
): Promise<string | undefined> {
  for (;;) {
    const step = await stepped.next();
    if (step === undefined || isMeant(step)) return step;
    stepped.go();
  }
}

/** Whether a step changes something outside of the process. */
export function isChange(step: string): boolean {
  return /: (?:create|write|fsync|rename|rm|unlink|mkdir|utimes|POST)/.test(step);
}

function follow({ child, ended }: Running): Stepped {
  const waiting: string[] = [];
  let isOver = false;
  let wake = (): void => {};
  let rest = '';
  child.stdout.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    waiting.push(...lines.flatMap((line) => /^at (.*)$/.exec(line)?.[1] ?? []));
    wake();
  });
  child.once('close', () => {
    isOver = true;
    wake();
  });
  return {
    ended,
    async next() {
      while (waiting.length === 0 && !isOver) {
        await new Promise<void>((resolve) => (wake = resolve));
      }
      return waiting.shift();
    },
    go() {
      child.stdin.write('.');
    },
    kill() {
      child.kill('SIGKILL');
    },
  };
}
