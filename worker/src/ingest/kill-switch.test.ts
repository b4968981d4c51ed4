import { expect, test } from 'vitest';
import { reportOf } from '../../test/reports.ts';
import { isGone } from './kill-switch.ts';
import { readReport } from './received.ts';

test.each([
  ['nothing is listed', { codegraph: '', schema: '' }, false],
  ['another version is listed', { codegraph: '1.6.0,1.6.10', schema: '2' }, false],
  ['its version is listed', { codegraph: '1.5.0, 1.6.1', schema: '' }, true],
  ['its schema is listed', { codegraph: '', schema: '2,3' }, true],
])('%s', (_, gone, expected) => {
  const reading = readReport(JSON.stringify(reportOf([])));
  if (!reading.ok) throw new Error(reading.reason);
  expect(isGone(reading.report, gone)).toBe(expected);
});
