import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runSteps, steps } from '../../spec/support/spool-model.ts';
import { absorb } from '../../spec/support/absorb.ts';
import { bookAnswer } from './book-answer.ts';

it('counts each count once, whatever order writes, claims, crashes and resends come in', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const { written, arrived } = await runSteps({ absorb, bookAnswer }, taken);
      expect(arrived).toEqual(written);
    }),
    { numRuns: 400 },
  );
});
