import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { type CommandOptions, settings } from './command.ts';
import type { TestHome } from './home.ts';
import { front } from './paths.ts';

/** Keys as a terminal sends them. */
export const keys = {
  enter: '\r',
  space: ' ',
  up: '\u001B[A',
  down: '\u001B[B',
  escape: '\u001B',
  ctrlC: '\u0003',
  ctrlD: '\u0004',
};

export interface ScreenOptions extends CommandOptions {
  readonly columns?: number;
  readonly rows?: number;
  /** The command, where it is not the built one. */
  readonly command?: string;
}

/** Our command in a real terminal, with somebody at it who reads and types. */
export interface Screen extends Disposable {
  readonly terminal: xterm.Terminal;
  /** Everything that was written, to the byte. */
  readonly raw: string;
  /** What a person sees, with what has scrolled away, without blanks at the ends of lines. */
  text(): string;
  /** Resolves when `text` stands there, on one line; rejects when it ends without. */
  shows(text: string): Promise<void>;
  /** Resolves when it waits for an answer to this question. */
  asks(question: string): Promise<void>;
  type(...typed: readonly string[]): void;
  readonly ended: Promise<{ readonly code: number; readonly signal: number }>;
}

// Longer than anything here takes on a slow machine.
const maxWaitMs = 60_000;

/** Starts the built command with a terminal of its own. */
export function openScreen(
  home: TestHome,
  args: readonly string[],
  { columns = 100, rows = 50, command = front, ...options }: ScreenOptions = {},
): Screen {
  const { env, cwd } = settings(home, options);
  const terminal = new xterm.Terminal({
    cols: columns,
    rows,
    scrollback: 1_000,
    allowProposedApi: true,
  });
  const name = env['TERM'] ?? 'xterm-256color';
  const pty = spawn(process.execPath, [command, ...args], {
    cols: columns,
    rows,
    name,
    cwd,
    env: { TERM: name, ...env },
  });
  let raw = '';
  let isOver = false;
  const watchers = new Set<() => void>();
  const notify = (): void => {
    for (const watcher of watchers) watcher();
  };
  pty.onData((data) => {
    raw += data;
    terminal.write(data, notify);
  });
  const ended = new Promise<{ code: number; signal: number }>((resolve) => {
    pty.onExit(({ exitCode, signal }) => {
      isOver = true;
      // Behind what was written before it.
      terminal.write('', () => {
        notify();
        resolve({ code: exitCode, signal: signal ?? 0 });
      });
    });
  });
  const text = (): string => textOf(terminal);
  const until = (isThere: () => boolean, what: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => bookAnswer(new Error(`no ${what} in time:\n${text()}`)),
        maxWaitMs,
      );
      const bookAnswer = (error?: Error): void => {
        clearTimeout(timer);
        watchers.delete(look);
        if (error === undefined) resolve();
        else reject(error);
      };
      const look = (): void => {
        if (isThere()) bookAnswer();
        else if (isOver) bookAnswer(new Error(`it ended without ${what}:\n${text()}`));
      };
      watchers.add(look);
      look();
    });
  return {
    terminal,
    get raw() {
      return raw;
    },
    text,
    shows: (wanted) => until(() => text().includes(wanted), wanted),
    asks: (question) => until(() => isAsked(text(), question), `question ${question}`),
    type: (...typed) => {
      pty.write(typed.join(''));
    },
    ended,
    [Symbol.dispose]() {
      if (!isOver) pty.kill('SIGKILL');
      terminal.dispose();
    },
  };
}

function textOf(terminal: xterm.Terminal): string {
  const { active } = terminal.buffer;
  const lines = Array.from(
    { length: active.length },
    (_, row) => active.getLine(row)?.translateToString(true) ?? '',
  );
  return lines.join('\n').trimEnd();
}

/** Whether the last question that is open is this one: an answered one has another mark. */
function isAsked(text: string, question: string): boolean {
  const open = text.split('\n').findLast((line) => /^[◆*] {2}/.test(line));
  return open !== undefined && open.slice(3).startsWith(question);
}
