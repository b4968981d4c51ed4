import { describe, expect, it, test } from 'vitest';
import type { AbsorbRequest, AbsorbResponse, SandboxClaim } from '../../contract/sandbox.ts';
import { absorb } from '../support/absorb.ts';
import { fuzz } from './fuzz.ts';
import { type Guest, openGuest } from './guests.ts';
import { search } from './search.ts';

/** `npm run fuzz -- --buffers 1000000` puts more of them to the test. */

// The same in every run, so that a change is held against what the one before it had to stand.
const seed = 1;
const buffers = 3_000;
const maxMs = 120_000;

it('bears hostile bytes, and loses nothing beside them', { timeout: maxMs }, async () => {
  const { text } = await fuzz({ seed, buffers, walledOfThousand: 6 });
  expect(text).toContain('nothing broke, nothing leaked, nothing intact was lost');
});

describe('finds it when a guest', { timeout: maxMs }, () => {
  const ofClaims = (
    request: AbsorbRequest,
    change: (claim: SandboxClaim) => SandboxClaim,
  ): AbsorbResponse => absorb({ ...request, claims: request.claims.map(change) });
  const ofTexts = (request: AbsorbRequest, change: (text: string) => string): AbsorbResponse => {
    const { reports, ...answer } = absorb(request);
    return {
      ...answer,
      reports: reports.map((report) => ({
        ...report,
        text: change(report.text) as typeof report.text,
      })),
    };
  };

  async function problemsOf(guest: Guest): Promise<string> {
    const guests = { open: guest, walled: guest };
    const { bad } = await search(guests, { seed, buffers, walledOfThousand: 0 });
    return bad?.problems.join() ?? 'none';
  }

  test.each<[what: string, problem: RegExp, absorb: (request: AbsorbRequest) => AbsorbResponse]>([
    [
      'counts a claim again that stands',
      /for \d|again/,
      (request) =>
        absorb({
          ...request,
          ledger: request.ledger?.replace(/"claim-0": \d+/, '"claim-0": 0') ?? null,
        }),
    ],
    [
      'stops at damage',
      /none for \d/,
      (request) =>
        ofClaims(request, (claim) => {
          const at = claim.bytes.findIndex((byte, index) => index > 0 && byte === 0xff);
          return at === -1 ? claim : { ...claim, bytes: claim.bytes.subarray(0, at) };
        }),
    ],
    [
      'lets a key more leave',
      /report\.cwd/,
      (request) => ofTexts(request, (text) => text.replace('{', '{"cwd":"/home/alice",')),
    ],
    [
      'lets a name leave that is on no list',
      /props\.name/,
      (request) => ofTexts(request, (text) => text.replace(/"name":"[^"]+"/, '"name":"alice"')),
    ],
    [
      'spells a report in a way of its own',
      /spelled/,
      (request) => ofTexts(request, (text) => `${text} `),
    ],
    [
      'leaves no ledger',
      /a ledger came out that is none/,
      (request) => {
        const answer = absorb(request);
        return {
          ...answer,
          ledger: answer.ledger.replace('"damaged_bytes": 7', '"damaged_bytes": -7'),
        };
      },
    ],
    [
      'throws',
      /^threw RangeError/,
      (request) => {
        if (request.claims.some(({ bytes }) => bytes.length > 300))
          throw new RangeError('too long');
        return absorb(request);
      },
    ],
  ])('%s', async (_, problem, planted) => {
    expect(await problemsOf({ ...openGuest, absorb: planted })).toMatch(problem);
  });

  it('keeps a report that was accepted', async () => {
    const bookAnswer: Guest['bookAnswer'] = ({ ledger }) => ({ ledger });
    expect(await problemsOf({ ...openGuest, bookAnswer })).toMatch(/a report stays that was/);
  });
});
