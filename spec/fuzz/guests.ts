import { absorbAll } from '../../sender-thread/absorb.ts';
import { absorb } from '../support/absorb.ts';
import { bookAnswer } from '../../sender-thread/guest/book-answer.ts';
import { Sandbox, type SandboxImage } from '../../sender-thread/sandbox.ts';
import { imageWith } from '../support/guests.ts';
import type {
  AbsorbRequest,
  AbsorbResponse,
  BookAnswerRequest,
  BookAnswerResponse,
} from '../../contract/sandbox.ts';
import { poisons } from './parts.ts';

/** What is put to the test: the guest, called directly or behind the wall. */
export interface Guest {
  absorb(request: AbsorbRequest): AbsorbResponse | Promise<AbsorbResponse>;
  bookAnswer(request: BookAnswerRequest): BookAnswerResponse | Promise<BookAnswerResponse>;
}

/** The code of the guest outside of its walls: some thirty times as fast. */
export const openGuest: Guest = { absorb, bookAnswer };

const [ofStack, ofMemory] = poisons;

// The published guest, except that it dies of these words in a claim: by its stack, and by its memory.
const mortal = `{
  const real = absorb;
  const holds = (bytes, word) => {
    const first = word.charCodeAt(0);
    for (let at = bytes.indexOf(first); at !== -1; at = bytes.indexOf(first, at + 1)) {
      if (String.fromCharCode(...bytes.subarray(at, at + word.length)) === word) return true;
    }
    return false;
  };
  globalThis.absorb = (request) => {
    for (const { payloads } of request.claims) {
      if (holds(payloads, '${ofStack}')) { const die = () => 1 + die(); die(); }
      if (holds(payloads, '${ofMemory}')) for (const all = []; ; ) all.push(new ArrayBuffer(4e6));
    }
    return real(request);
  };
}`;

/** The guest where it lives, called as the sender thread does it, careful pass included. */
export async function walledGuest(): Promise<Guest> {
  const image: SandboxImage = await imageWith(mortal);
  return {
    // The careful pass blanks what it cannot use, in the copy that it is given.
    absorb: async (request) =>
      await absorbAll(image, {
        ...request,
        claims: request.claims.map((claim) => ({ ...claim, bytes: claim.bytes.slice() })),
      }),
    bookAnswer: async (request) => {
      using sandbox = await Sandbox.open(image);
      return sandbox.bookAnswer(request);
    },
  };
}
