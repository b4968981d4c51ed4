// A preload for real programs and, through them, for their sender threads, which see no environment
// and no options: the question after its name reaches both.
//
//   ?shift=600000   the clock of both threads is ahead by so many milliseconds
//   ?pause          before each step, a system call on the spool or a POST, they print its name and
//                   wait for a byte on stdin: there a program can be held up, or killed
//
// There is nothing of this in what is published.
import { basename, dirname } from 'node:path';

/** What our code calls; a path comes first, or a file that was opened. */
const calls = [
  'closeSync',
  'existsSync',
  'fstatSync',
  'fsyncSync',
  'linkSync',
  'lstatSync',
  'mkdirSync',
  'openSync',
  'readFileSync',
  'readSync',
  'readdirSync',
  'renameSync',
  'rmSync',
  'statSync',
  'unlinkSync',
  'utimesSync',
  'writeFileSync',
  'writeSync',
];

const threads = process.getBuiltinModule('node:worker_threads');
const options = new URL(import.meta.url).searchParams;

giveToThreads();
const shiftMs = Number(options.get('shift') ?? 0);
if (shiftMs !== 0) shiftClock();
if (options.has('pause')) pauseBeforeSteps();

function giveToThreads() {
  threads.Worker = class extends threads.Worker {
    /**
     * @param {string | URL} file
     * @param {import('node:worker_threads').WorkerOptions} settings
     */
    constructor(file, settings) {
      super(file, { ...settings, execArgv: [`--import=${import.meta.url}`] });
    }
  };
}

function shiftClock() {
  const RealDate = globalThis.Date;
  // @ts-expect-error Called without `new`, it would not give a text; nothing here does that.
  globalThis.Date = class extends RealDate {
    /** @param {[] | [number]} args */
    constructor(...args) {
      super(...(args.length === 0 ? [RealDate.now() + shiftMs] : args));
    }

    static now() {
      return RealDate.now() + shiftMs;
    }
  };
}

function pauseBeforeSteps() {
  /** @type {Record<string, any>} */
  const files = process.getBuiltinModule('node:fs');
  const { readSync, writeSync } = files;
  const thread = threads.isMainThread ? 'main' : 'sender';
  /** @type {Map<unknown, string>} */
  const opened = new Map();

  const pause = (/** @type {string} */ step) => {
    writeSync(1, `at ${thread}: ${step}\n`);
    readSync(0, new Uint8Array(1));
  };
  const nameOf = (/** @type {unknown} */ target) =>
    typeof target === 'string' ? nameOfPath(target) : opened.get(target);

  for (const call of calls) {
    const real = files[call];
    files[call] = (/** @type {unknown[]} */ ...args) => {
      const name = nameOf(args[0]);
      if (name === undefined) return real(...args);
      const to = call === 'renameSync' ? ` to ${nameOf(args[1])}` : '';
      pause(`${verbOf(call, args[1])} ${name}${to}`);
      const result = real(...args);
      if (call === 'openSync') opened.set(result, name);
      if (call === 'closeSync') opened.delete(args[0]);
      return result;
    };
  }
  if (threads.isMainThread) return;
  const http = process.getBuiltinModule('node:http');
  const { request } = http;
  http.request = (/** @type {any[]} */ ...args) => {
    pause('POST');
    // @ts-expect-error Whatever it was called with.
    return request(...args);
  };
}

/**
 * @param {string} call
 * @param {unknown} flags
 */
function verbOf(call, flags) {
  return call === 'openSync' && flags !== 'r' ? 'create' : call.replace('Sync', '');
}

/**
 * Which file of the spool it is, without what is random in its name.
 *
 * @param {string} path
 */
function nameOfPath(path) {
  const name = basename(path);
  if (name === 'telemetry') return 'spool';
  if (basename(dirname(path)) !== 'telemetry') return undefined;
  return name.replace(/^claim-.*/, 'claim').replace(/\.[a-z\d]{12}\.tmp$/, '.tmp');
}
