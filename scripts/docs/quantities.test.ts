import { expect, it } from 'vitest';
import { findQuantities, formatLimit } from './quantities.ts';

it.each([
  { name: 'maxBufferBytes', value: 262_144, text: '256 KiB' },
  { name: 'maxLedgerBytes', value: 1_048_576, text: '1 MiB' },
  { name: 'maxReportBytes', value: 60_000, text: '60,000 bytes' },
  { name: 'threadOldSpaceMb', value: 64, text: '64 MiB' },
  { name: 'noticeWaitMs', value: 86_400_000, text: '24 hours' },
  { name: 'persistIntervalMs', value: 180_000, text: '3 minutes' },
  { name: 'commandFlushDeadlineMs', value: 1_500, text: '1.5 seconds' },
  { name: 'consentMaxAgeMs', value: 1_000, text: '1 second' },
  { name: 'maxCommitMs', value: 25, text: '25 ms' },
  { name: 'maxAgeDays', value: 30, text: '30 days' },
  { name: 'maxFutureDays', value: 1, text: '1 day' },
  { name: 'maxCount', value: 1_000_000, text: '1,000,000' },
])('writes $name as $text', ({ name, value, text }) => {
  expect(formatLimit(name, value)).toBe(text);
});

it('finds quantities with a unit, across the end of a line too', () => {
  const text = 'at most 256 KiB, for 30\ndays, or 1.5 seconds; 3 of 4; schema 2; 20 receipts';

  expect(findQuantities(text)).toEqual(['256 KiB', '30 days', '1.5 seconds', '20 receipts']);
});
