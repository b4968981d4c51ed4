import { once } from 'node:events';
import { isatty } from 'node:tty';
import type { Ending } from '../run-engine.ts';

/**
 * Our questions in the terminal. Ctrl-C, also between two questions, Escape, Ctrl-D and the end of
 * the input all cancel; an answer is undefined when it was cancelled. Disposed of before the engine
 * gets the terminal.
 */
export interface Prompt extends Disposable {
  /** Text as the title, between questions, or as the last words, also after a cancel. */
  write(as: 'intro' | 'message' | 'outro' | 'cancel', text: string): void;
  /** A hint is shown beside its label while the cursor is on it. */
  choose<Value extends string>(
    question: string,
    choices: readonly { readonly value: Value; readonly label: string; readonly hint?: string }[],
    preset: Value,
  ): Promise<Value | undefined>;
  confirm(question: string, preset: boolean): Promise<boolean | undefined>;
  /** Undefined when Ctrl-C comes before the work is done. */
  waitFor<Result>(work: Promise<Result>): Promise<Result | undefined>;
}

/** Whether a person can be asked. */
export function isTerminal(): boolean {
  return isatty(0) && isatty(1);
}

/** Says on stderr why nothing was done. */
export function refuse(reason: string): Ending {
  process.stderr.write(`codegraph: ${reason}\n`);
  return { code: 1, signal: undefined, wasSignalled: false };
}

/** Loads clack, which honours NO_COLOR and knows terminals without Unicode. */
export async function openPrompt(): Promise<Prompt> {
  const clack = await import('@clack/prompts');
  const interruption = new AbortController();
  const { signal } = interruption;
  const cancel = (): void => {
    interruption.abort();
  };
  // Between two questions the terminal turns Ctrl-C into this signal.
  process.on('SIGINT', cancel);
  return {
    write: (as, text) => {
      if (as === 'message') clack.log.message(wrap(text));
      else clack[as](wrap(text).replaceAll('\n', '\n   '));
    },
    choose: async (question, choices, initialValue) => {
      const [message, options] = [wrap(question), [...choices]];
      // Its hint about the keys has arrows even where the terminal has only ASCII.
      const look = { showInstructions: clack.unicode, signal };
      const ask = () => clack.select<string>({ message, options, initialValue, ...look });
      // One of the values that were given.
      return (await answerTo(ask, cancel)) as typeof initialValue | undefined;
    },
    confirm: (question, initialValue) => {
      const message = wrap(question);
      return answerTo<boolean>(() => clack.confirm({ message, initialValue, signal }), cancel);
    },
    waitFor: async (work) =>
      signal.aborted
        ? undefined
        : await Promise.race([work, once(signal, 'abort').then(() => undefined)]),
    [Symbol.dispose]() {
      process.removeListener('SIGINT', cancel);
    },
  };
}

/** Clack knows Ctrl-C and Escape; after Ctrl-D or the end of the input it would wait for ever. */
async function answerTo<Value>(
  ask: () => Promise<Value | symbol>,
  cancel: () => void,
): Promise<Value | undefined> {
  const { stdin } = process;
  const onKey = (
    _text: unknown,
    key: { readonly ctrl?: boolean; readonly name?: string },
  ): void => {
    if (key.ctrl === true && key.name === 'd') cancel();
  };
  const answered = ask();
  stdin.on('keypress', onKey).once('end', cancel);
  try {
    const answer = await answered;
    // A symbol is how clack says that it was cancelled.
    return typeof answer === 'symbol' ? undefined : answer;
  } finally {
    stdin.removeListener('keypress', onKey).removeListener('end', cancel);
  }
}

// The guide at the left, and a column to spare.
const guideColumns = 4;
const minColumns = 20;

/** Breaks lines between words: clack breaks some texts in the middle of one, and some not at all. */
function wrap(text: string): string {
  const columns = Math.max(minColumns, (process.stdout.columns ?? 80) - guideColumns);
  const pattern = new RegExp(String.raw`(?=\S)(.{1,${columns}})(?:\s+|$)|(\S{${columns}})`, 'g');
  return text
    .split('\n')
    .map((line) => line.replace(pattern, '$1$2\n').trimEnd())
    .join('\n');
}
