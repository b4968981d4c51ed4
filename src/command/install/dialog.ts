import { isatty } from 'node:tty';
import { openAsciiOutput } from './ascii-output.ts';

/** One of several answers. */
export interface Choice<Value extends string> {
  readonly value: Value;
  readonly label: string;
  /** Said beside the label, when the cursor is on it. */
  readonly hint?: string;
}

/** Questions on the terminal. Each answer is undefined when it was cancelled. */
export interface Dialog {
  begin(title: string): void;
  /** A line of text between the questions. */
  say(text: string): void;
  warn(text: string): void;
  /** Text in a box. */
  show(text: string, title: string): void;
  choose<Value extends string>(
    question: string,
    choices: readonly Choice<Value>[],
    preset: Value,
  ): Promise<Value | undefined>;
  chooseSome<Value extends string>(
    question: string,
    choices: readonly Choice<Value>[],
    preset: readonly Value[],
  ): Promise<readonly Value[] | undefined>;
  confirm(question: string, preset: boolean): Promise<boolean | undefined>;
  end(text: string): void;
  /** The same after a cancel. */
  giveUp(text: string): void;
}

/** Whether somebody can be asked. */
export function isTerminal(): boolean {
  return isatty(0) && isatty(1);
}

/**
 * Opens a dialog. Loads clack, which honours NO_COLOR. Where the terminal has nothing but ASCII, so
 * have the dialog and our own words.
 */
export async function openDialog(): Promise<Dialog> {
  const clack = await import('@clack/prompts');
  const output = clack.unicode ? process.stdout : openAsciiOutput(process.stdout);
  return {
    begin: (title) => {
      clack.intro(title, { output });
    },
    say: (text) => {
      clack.log.message(wrap(text), { output });
    },
    warn: (text) => {
      clack.log.warn(wrap(text), { output });
    },
    show: (text, title) => {
      clack.note(wrap(text, boxColumns), title, { output });
    },
    choose: async <Value extends string>(
      question: string,
      choices: readonly Choice<Value>[],
      initialValue: Value,
    ) => {
      const [message, options] = [wrap(question), [...choices]];
      const ask = () => clack.select<string>({ message, options, initialValue, output });
      // One of the values that were given.
      return (await answerTo(ask)) as Value | undefined;
    },
    chooseSome: async <Value extends string>(
      question: string,
      choices: readonly Choice<Value>[],
      preset: readonly Value[],
    ) => {
      const [message, options, initialValues] = [wrap(question), [...choices], [...preset]];
      const ask = () => clack.multiselect<string>({ message, options, initialValues, output });
      // Some of the values that were given.
      return (await answerTo(ask)) as readonly Value[] | undefined;
    },
    confirm: (question, initialValue) => {
      const message = wrap(question);
      return answerTo<boolean>(() => clack.confirm({ message, initialValue, output }));
    },
    end: (text) => {
      clack.outro(wrap(text).replaceAll('\n', '\n   '), { output });
    },
    giveUp: (text) => {
      clack.cancel(wrap(text).replaceAll('\n', '\n   '), { output });
    },
  };
}

const ctrlC = ['\u0003', { name: 'c', ctrl: true, sequence: '\u0003' }] as const;

/**
 * The answer to a question; undefined when it was cancelled. The end of the input is a cancel too:
 * clack knows Ctrl-C and Escape, but after Ctrl-D it would wait until the process ran dry.
 */
async function answerTo<Value>(prompt: () => Promise<Value | symbol>): Promise<Value | undefined> {
  const { stdin } = process;
  const cancel = (): void => {
    stdin.emit('keypress', ...ctrlC);
  };
  const onKey = (
    _text: unknown,
    key: { readonly ctrl?: boolean; readonly name?: string },
  ): void => {
    if (key.ctrl === true && key.name === 'd') cancel();
  };
  // Before our listeners, so that it has had the key that they take for the end.
  const answered = prompt();
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
// A box has them at both sides.
const boxColumns = 8;
const minColumns = 20;

/** Breaks lines between words: clack breaks some texts in the middle of one, and some not at all. */
function wrap(text: string, taken = guideColumns): string {
  const columns = Math.max(minColumns, (process.stdout.columns ?? 80) - taken);
  const pattern = new RegExp(String.raw`(?=\S)(.{1,${columns}})(?:\s+|$)|(\S{${columns}})`, 'g');
  return text
    .split('\n')
    .map((line) => line.replace(pattern, '$1$2\n').trimEnd())
    .join('\n');
}
