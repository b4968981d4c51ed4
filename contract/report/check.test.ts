import { expect, expectTypeOf, it, test } from 'vitest';
import { readVectors } from '../../spec/support/vectors.ts';
import { maxReportBytes } from '../limits.ts';
import { type CheckedReport, checkReport, sealReport, type SealedText } from './check.ts';
import type { Report } from './allowlist.ts';

const vectors = readVectors('reports');
const usage = vectors.find(({ file }) => file === 'usage.json')?.vector ?? {};

test.each([
  ['the field of the envelope', { ...usage, os: 'templeos' }, 'os'],
  ['the field of the event', { ...usage, events: [{ event: 'install' }] }, 'events.0.ts'],
  ['no field but the event', { ...usage, events: [{ event: 'alice' }] }, 'events.0.event'],
  ['the key that is too much', { ...usage, cwd: '/home/alice' }, 'cwd'],
  ['the whole', 'alice', 'report'],
])('says where it failed, never on what: %s', (_, body, reason) => {
  expect(checkReport(body)).toEqual({ ok: false, reason });
});

it('seals only what passed the check', () => {
  expectTypeOf(sealReport).parameter(0).toEqualTypeOf<CheckedReport>();
  expectTypeOf<Report>().not.toExtend<CheckedReport>();
  expectTypeOf<string>().not.toExtend<SealedText>();
});

it('refuses to seal what is longer than a report may be', () => {
  const checked = checkReport(usage);
  if (!checked.ok) throw new Error(checked.reason);
  const [event] = checked.report.events;
  const long = { ...checked.report, events: Array(400).fill(event) } as CheckedReport;
  expect(JSON.stringify(long).length).toBeGreaterThan(maxReportBytes);
  expect(() => sealReport(long)).toThrow(RangeError);
});

test.each(vectors)('seals the golden vector $file word for word', ({ vector }) => {
  const checked = checkReport(vector);
  if (!checked.ok) throw new Error(checked.reason);
  expect(sealReport(checked.report)).toBe(JSON.stringify(vector));
});
