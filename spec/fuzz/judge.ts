import { isDeepStrictEqual } from 'node:util';
import { type Ledger, parseLedger } from '../../contract/ledger.ts';
import { maxLedgerBytes } from '../../contract/limits.ts';
import type { AbsorbRequest, AbsorbResponse, SandboxClaim } from '../../contract/sandbox.ts';
import { bufferOf } from '../support/frames.ts';
import { claimOf, mayReport, requestOf } from '../support/requests.ts';
import type { Guest } from './guests.ts';
import { findFaults } from '../support/strict-report.ts';
import { framesToCount } from './expected.ts';
import { today } from './frames.ts';
import type { Input } from './input.ts';
import { totalsIn, totalsOf, undatedIn } from './totals.ts';

/** Puts an input before the guest; what of the answers breaks a promise. Empty when all is well. */
export async function findProblems(guest: Guest, input: Input): Promise<readonly string[]> {
  try {
    const request = await requestFor(guest, input);
    const answer = await guest.absorb(request);
    const ledger = parseLedger(answer.ledger);
    if (ledger === undefined) return ['a ledger came out that is none'];
    return [
      ...answerProblems(request, answer),
      ...countProblems(input, ledger, answer.wasLedgerDamaged),
      ...(input.isRepeated ? await repeatProblems(guest, request, answer.ledger) : []),
      ...(await settleProblems(guest, input, request, answer)),
    ];
  } catch (error) {
    return [`threw ${error instanceof Error ? String(error.stack) : String(error)}`];
  }
}

/** What a flush would ask, after an earlier one that has seen the beginning. */
async function requestFor(guest: Guest, input: Input): Promise<AbsorbRequest> {
  const { before, claims } = input;
  const request = requestOf(today, {
    ledger: input.ledger,
    claims: claims.map(({ name, bytes, isFinal }) => ({ name, bytes, isFinal })),
    ...(input.ids > 0 && mayReport(input.ids)),
  });
  const seen = claims.map(({ name, bytes, firstLook }): SandboxClaim => {
    return { name, bytes: bytes.subarray(0, firstLook), isFinal: false };
  });
  if (before.length + Math.max(...claims.map(({ firstLook }) => firstLook)) === 0) return request;
  const past = claimOf(bufferOf(...before), 'claim-before');
  const earlier = { ...request, claims: [past, ...seen], now: request.now - 60_000 };
  return { ...request, ledger: (await guest.absorb(earlier)).ledger };
}

function answerProblems(request: AbsorbRequest, answer: AbsorbResponse): readonly string[] {
  const { ledger, reports, spentClaims } = answer;
  const final = request.claims.filter(({ isFinal }) => isFinal).map(({ name }) => name);
  return [
    ...(Buffer.byteLength(ledger) > maxLedgerBytes ? ['the ledger is too long'] : []),
    ...(isDeepStrictEqual(spentClaims, final) ? [] : [`spent: ${spentClaims.join()}`]),
    ...(request.reporter === null && reports.length > 0 ? ['reports without leave'] : []),
    ...(reports.length > 5 ? [`${reports.length} reports`] : []),
    ...reports.flatMap(({ text, events }) => {
      const sent = JSON.parse(text) as { events: unknown[] };
      return [...findFaults(text), ...(sent.events.length === events ? [] : [`not ${events}`])];
    }),
  ];
}

/** Intact frames are counted to the last call, whatever stands beside them. */
function countProblems(
  { before, ledger, claims }: Input,
  result: Ledger,
  wasLedgerDamaged: boolean,
): readonly string[] {
  const known = wasLedgerDamaged || ledger === null ? undefined : offsetsIn(ledger);
  const areCrowded = claims.some(({ bytes }) => bytes.length > 30_000);
  const frames = claims.flatMap((claim) => {
    const offset = claim.firstLook === 0 ? known?.[claim.name] : 0;
    return framesToCount(claim, offset);
  });
  const expected = totalsOf([...before, ...frames], areCrowded);
  const found = totalsIn(result, 'intact', areCrowded);
  if (isDeepStrictEqual(found, expected)) return [];
  const names = new Set([...expected.keys(), ...found.keys()]);
  return Array.from(names)
    .filter((name) => expected.get(name) !== found.get(name))
    .map((name) => `${name}: ${found.get(name) ?? 'none'} for ${expected.get(name) ?? 'none'}`);
}

/** A flush that died before it could delete its claims is followed by one that sees them again. */
async function repeatProblems(
  guest: Guest,
  request: AbsorbRequest,
  ledger: string,
): Promise<readonly string[]> {
  const answer = await guest.absorb({ ...request, ledger });
  const [once, twice] = [ledger, answer.ledger].map(parseLedger);
  if (once === undefined || twice === undefined) return ['a ledger is none the second time'];
  const isAlike =
    isDeepStrictEqual(once.claims, twice.claims) &&
    // Made in the second one, where a day that was empty held the first back.
    ((once.identity?.machine_id ?? null) === null ||
      isDeepStrictEqual(once.identity, twice.identity)) &&
    isDeepStrictEqual(lossesIn(once), lossesIn(twice)) &&
    // A day that was sealed in the first one no longer says how old another may be.
    undatedIn(once) === undatedIn(twice) &&
    // Sealed in the second one, where the ids of the first have run out.
    (isDeepStrictEqual([once.days, once.reports], [twice.days, twice.reports]) ||
      isDeepStrictEqual(totalsIn(once, 'all'), totalsIn(twice, 'all')));
  return isAlike ? [] : ['absorbed again, something is not as it was'];
}

/** Without those that a second look may add to. */
function lossesIn({ lost }: Ledger): Ledger['lost'] {
  return { ...lost, unlisted: 0, out_of_date: 0 };
}

async function settleProblems(
  guest: Guest,
  { answer }: Input,
  { now }: AbsorbRequest,
  { ledger, reports }: AbsorbResponse,
): Promise<readonly string[]> {
  if (answer === null) return [];
  const batchId = reports[0]?.batchId ?? 'none';
  const settled = await guest.bookAnswer({ ledger, now, batchId, result: answer, jitter: 0.5 });
  const left = parseLedger(settled.ledger);
  if (left === undefined) return ['the settled ledger is none'];
  const isOver = !['unreachable', 'postponed'].includes(answer.kind);
  const bodies = left.reports.map(({ body }) => body);
  const stays = reports.slice(0, 1).some(({ text }) => bodies.includes(text));
  return isOver && stays ? [`a report stays that was ${answer.kind}`] : [];
}

/** Up to where claims are counted, in a ledger that the guest could read. */
function offsetsIn(ledger: string): Readonly<Record<string, number>> {
  const { claims } = JSON.parse(ledger) as { claims: Readonly<Record<string, number>> };
  return claims;
}
