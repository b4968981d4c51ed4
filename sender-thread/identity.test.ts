import { expect, it } from 'vitest';
import { maxEventsPerReport, maxReportsPerFlush } from '../spec/contract/limits.ts';
import { machine } from '../spec/testing/requests.ts';
import { drawIdentity } from './identity.ts';

it('draws nothing when nothing may be sealed', () => {
  expect(drawIdentity(machine, false)).toEqual({
    reporter: null,
    randomBytes: new Uint8Array(),
  });
});

it('draws another id each time, and ids for full reports', () => {
  const [one, other] = [1, 2].map(() => drawIdentity(machine, true));
  expect(one?.reporter?.newMachineId).not.toBe(other?.reporter?.newMachineId);
  expect(one?.randomBytes).not.toEqual(other?.randomBytes);
  const ids = maxReportsPerFlush * (maxEventsPerReport + 1);
  expect(one?.randomBytes.length).toBeGreaterThanOrEqual(16 * ids);
});
