import fc from 'fast-check';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { formatDay } from '../contract/day.ts';
import { encodeFrame } from '../contract/frame.ts';
import { emptyLedger, formatLedger, parseLedger } from '../contract/ledger.ts';
import type { AbsorbRequest, SandboxClaim } from '../contract/sandbox.ts';
import { bufferOf, framed, frameOf, joined, queries } from '../spec/support/frames.ts';
import { builtImage, imageWith } from '../spec/support/guests.ts';
import { claimOf, mayReport, requestOf } from '../spec/support/requests.ts';
import { absorbAll } from './absorb.ts';
import type { SandboxImage } from './sandbox.ts';

const today = 20_780;

// The published guest, except that the word `poison` in a ledger or a claim is its death.
const mortal = `{
  const real = absorb;
  const die = () => 1 + die();
  const hasPoison = (bytes) => {
    for (let at = bytes.indexOf(112); at !== -1; at = bytes.indexOf(112, at + 1)) {
      if (String.fromCharCode(...bytes.subarray(at, at + 6)) === 'poison') return true;
    }
    return false;
  };
  globalThis.absorb = (request) => {
    if (request.ledger?.includes('poison')) die();
    for (const { payloads } of request.claims) if (hasPoison(payloads)) die();
    return real(request);
  };
}`;

let image: SandboxImage;
beforeAll(async () => {
  image = await imageWith(mortal);
});

const good = encodeFrame(frameOf(today, [queries(1)]));
const poison = encodeFrame(frameOf(today, [[0, 'poison', 1, 0]]));

/** How often `query` was counted today, how much was damage, and which claims are spent. */
async function absorbed(
  claims: readonly SandboxClaim[],
  more: Partial<AbsorbRequest> = {},
): Promise<{ queries: number; damagedBytes: number; spent: readonly string[]; ledger: string }> {
  const response = await absorbAll(image, requestOf(today, { claims, ...more }));
  const { days, lost } = parseLedger(response.ledger) ?? emptyLedger();
  const usage = days[formatDay(today)]?.usage ?? [];
  return {
    queries: usage.reduce((sum, { count }) => sum + count, 0),
    damagedBytes: lost.damaged_bytes,
    spent: response.spentClaims,
    ledger: response.ledger,
  };
}

describe('a poisoned frame loses no neighbour', () => {
  test.each<[what: string, parts: readonly Uint8Array[], queries: number]>([
    ['alone', [poison], 0],
    ['before one', [poison, good], 1],
    ['behind one', [good, poison], 1],
    ['between many', [good, good, good, poison, good, good], 5],
    ['beside another', [good, poison, poison, good, good], 3],
    ['among garbage', [Buffer.from([0xc1, 1, 2]), good, poison, Buffer.from('abc'), good], 2],
  ])('%s', async (_, parts, expected) => {
    const poisons = parts.filter((part) => part === poison).length;
    const garbage = parts.filter((part) => part !== poison && part !== good);
    expect(await absorbed([claimOf(joined(...parts))])).toMatchObject({
      queries: expected,
      damagedBytes: poisons * poison.length + joined(...garbage).length,
      spent: ['claim-a'],
    });
  });

  it('wherever and however many they are', async () => {
    const claim = fc.array(fc.constantFrom(good, good, good, good, poison), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(claim, { maxLength: 3 }), async (claims) => {
        const answer = await absorbed(
          claims.map((parts, index) => claimOf(joined(...parts), `claim-${index}`)),
        );
        const parts = claims.flat();
        expect(answer.queries).toBe(parts.filter((part) => part === good).length);
        expect(answer.spent).toHaveLength(claims.length);
      }),
      { numRuns: 15 },
    );
  });

  it('of another claim, one still open included', async () => {
    const open = { ...claimOf(joined(good, good.subarray(0, 9)), 'claim-a'), isFinal: false };
    const poisoned = claimOf(joined(good, poison, good), 'claim-b');
    const first = await absorbed([open, poisoned]);
    expect(first).toMatchObject({ queries: 3, spent: ['claim-b'] });
    const grown = claimOf(joined(good, good), 'claim-a');
    expect(await absorbed([grown], { ledger: first.ledger })).toMatchObject({ queries: 4 });
  });

  it('that an earlier flush has counted', async () => {
    const bytes = joined(good, good, poison);
    const claim = { ...claimOf(bytes.subarray(0, 2 * good.length)), isFinal: false };
    const first = await absorbed([claim]);
    const grown = claimOf(joined(bytes, good));
    expect(await absorbed([grown], { ledger: first.ledger })).toMatchObject({ queries: 3 });
  });
});

test.each<[what: string, parts: readonly Uint8Array[]]>([
  ['before the frames', [Buffer.from('poison'), good, good]],
  ['between them', [good, Buffer.from('poison'), good]],
  ['behind them', [good, good, Buffer.from('poison')]],
])('poisoned garbage loses no frame, %s', async (_, parts) => {
  expect(await absorbed([claimOf(joined(...parts))])).toMatchObject({
    queries: 2,
    damagedBytes: 6,
    spent: ['claim-a'],
  });
});

it('seals after it, and once', async () => {
  const yesterday = bufferOf(frameOf(today - 1, [queries(4)]));
  const claims = [claimOf(joined(yesterday, poison, good))];
  const response = await absorbAll(image, requestOf(today, { claims, ...mayReport() }));
  expect(response.reports.map(({ events }) => events)).toEqual([1]);
  expect(parseLedger(response.ledger)?.reports).toHaveLength(1);
});

it('sets a poisoned ledger aside and counts from an empty one', async () => {
  const ledger = emptyLedger();
  ledger.claims = { 'claim-poison': 1 };
  const request = requestOf(today, { ledger: formatLedger(ledger), claims: [claimOf(good)] });
  const response = await absorbAll(image, request);
  expect(response.wasLedgerDamaged).toBe(true);
  expect(parseLedger(response.ledger)?.days).toHaveProperty(formatDay(today));
});

describe('gives up, so that the claims wait for a better guest,', () => {
  it('when there is no end of poison', async () => {
    const claims = [claimOf(joined(...Array<Uint8Array>(40).fill(poison)))];
    await expect(absorbAll(image, requestOf(today, { claims }))).rejects.toThrow('call stack');
  });

  it('when the guest dies of nothing', async () => {
    const dead = await imageWith('globalThis.absorb = () => { throw new Error("dead") }');
    const request = requestOf(today, { claims: [claimOf(good)] });
    await expect(absorbAll(dead, request)).rejects.toThrow('dead');
  });
});

describe('the published guest dies of no frame:', () => {
  test.each<[what: string, payload: Uint8Array]>([
    ['lists nested 60,000 deep', new Uint8Array(60_000).fill(0x91)],
    ['maps nested 60,000 deep', new Uint8Array(60_000).fill(0x81)],
    [
      'extensions nested 20,000 deep',
      Uint8Array.from({ length: 60_000 }, (_, at) => [0xd4, 0x73, 0][at % 3]!),
    ],
    [
      'lists that claim to be long',
      Uint8Array.from({ length: 60_000 }, (_, at) => [0xdd, 0, 255, 255, 255][at % 5]!),
    ],
  ])('%s', async (_, payload) => {
    const bytes = joined(good, framed(payload), good);
    const request = requestOf(today, { claims: [claimOf(bytes)] });
    const response = await absorbAll(await builtImage(), request);
    const { days, lost } = parseLedger(response.ledger) ?? emptyLedger();
    expect(days[formatDay(today)]?.usage).toMatchObject([{ name: 'query', count: 2 }]);
    expect(lost.damaged_bytes).toBe(payload.length);
  });
});
