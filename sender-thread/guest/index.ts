/**
 * The code inside the sandbox. The build bundles it, evaluates it once and freezes the engine's
 * memory; the sender thread restores that memory and calls the two functions set here. Compiled
 * without any ambient type: it can name no file, socket, timer or environment.
 */
import { absorb } from './absorb.ts';
import { bookAnswer } from './book-answer.ts';

Object.assign(globalThis, { absorb, bookAnswer });
