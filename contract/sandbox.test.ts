import { describe, expect, it, test } from 'vitest';
import { parseAbsorbResponse, parseBookAnswerResponse } from './sandbox.ts';

const absorbed = {
  ledger: '{}',
  wasLedgerDamaged: false,
  isComplete: true,
  spentClaims: ['claim-a'],
  reports: [{ batchId: 'b', events: 1, text: '{}' }],
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
