import { expect, it } from 'vitest';
import * as clack from '@clack/prompts';
import { toAscii } from './ascii-output.ts';

it('keeps the width of a line: it was broken before', () => {
  const line = '\u2191/\u2193 to navigate \u2022 Enter: confirm \u2014';

  expect(toAscii(line)).toMatch(/^[ -~]+$/);
  expect(toAscii(line)).toHaveLength(line.length);
});

it('knows all that clack says of its keys', () => {
  const words = [...clack.SELECT_INSTRUCTIONS, ...clack.MULTISELECT_INSTRUCTIONS].join(' ');

  // Colours aside.
  expect(toAscii(words).replaceAll('\u001B', '')).toMatch(/^[ -~]+$/);
});
