import fc from 'fast-check';
import { expect, it } from 'vitest';
import { builtImage } from '../spec/support/guests.ts';
import { type Guest, runSteps, steps } from '../spec/support/spool-model.ts';
import { absorbAll } from './absorb.ts';
import { Sandbox } from './sandbox.ts';

it('counts each count once behind the wall as well, with a new instance for every call', async () => {
  const image = await builtImage();
  const guest: Guest = {
    absorb: (request) => absorbAll(image, request),
    bookAnswer: async (request) => {
      using sandbox = await Sandbox.open(image);
      return sandbox.bookAnswer(request);
    },
  };
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const { written, arrived } = await runSteps(guest, taken);
      expect(arrived).toEqual(written);
    }),
    { numRuns: 25 },
  );
});
