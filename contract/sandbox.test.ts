import { describe, expect, it, test } from 'vitest';
import { readVectors } from '../spec/support/vectors.ts';
import { maxLedgerBytes } from './limits.ts';
import type { Report } from './report/allowlist.ts';
import { parseAbsorbResponse, parseBookAnswerResponse } from './sandbox.ts';

const vector = readVectors('reports').find(({ file }) => file === 'usage.json')?.vector as Report;
const text = JSON.stringify(vector);
const reordered = JSON.stringify({ ...vector, events: vector.events.toReversed() });
const absorbed = {
  ledger: '{}',
  wasLedgerDamaged: false,
  isComplete: true,
  spentClaims: ['claim-a'],
  reports: [{ batchId: '0f0e7c1e-6d2f-4d0a-9a51-5b8f5f3f7f11', events: 1, text }],
  outcome: 'waiting',
};
const [report] = absorbed.reports;

describe('an answer from behind the wall is refused when it is', () => {
  test.each<[what: string, value: unknown]>([
    ['nothing', undefined],
    ['an error', new Error('no')],
    ['without a ledger', { ...absorbed, ledger: undefined }],
    ['with a ledger that is no text', { ...absorbed, ledger: {} }],
    ['with a key more', { ...absorbed, url: 'https://example.com' }],
    ['with a claim that is no name', { ...absorbed, spentClaims: [1] }],
    ['with a report that is no text', { ...absorbed, reports: [{ ...report, text: {} }] }],
    ['with a report that has an address', { ...absorbed, reports: [{ ...report, url: '' }] }],
    ['with a report that is none', { ...absorbed, reports: [{ ...report, text: '{}' }] }],
    [
      'with a word more',
      { ...absorbed, reports: [{ ...report, text: text.replace('linux', 'alice-os') }] },
    ],
    ['with a space more', { ...absorbed, reports: [{ ...report, text: `${text} ` }] }],
    ['with events in another order', { ...absorbed, reports: [{ ...report, text: reordered }] }],
    ['with six reports', { ...absorbed, reports: Array(6).fill(report) }],
    ['with a ledger without end', { ...absorbed, ledger: ' '.repeat(maxLedgerBytes + 1) }],
    ['with an outcome of its own', { ...absorbed, outcome: 'sent' }],
  ])('%s', (_, value) => {
    expect(() => parseAbsorbResponse(value)).toThrow(/^Invalid /);
  });

  test.each<[what: string, value: unknown]>([
    ['no object', '{}'],
    ['without a ledger', {}],
    ['with a key more', { ledger: '{}', reports: [] }],
  ])('%s, to bookAnswer', (_, value) => {
    expect(() => parseBookAnswerResponse(value)).toThrow(/^Invalid /);
  });
});

it('is taken as it is when it is one', () => {
  expect(parseAbsorbResponse(absorbed)).toEqual(absorbed);
  expect(parseBookAnswerResponse({ ledger: '{}' })).toEqual({ ledger: '{}' });
});
