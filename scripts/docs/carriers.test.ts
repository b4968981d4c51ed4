import { describe, expect, it } from 'vitest';
import { clientVersionPattern, packageVersionPattern } from '../../contract/report/lists.ts';
import { countTexts } from './count-texts.ts';

// Every number of up to four digits, zeros in front included.
const numbers = [1, 2, 3, 4].flatMap((digits) =>
  Array.from({ length: 10 ** digits }, (_, number) => String(number).padStart(digits, '0')),
);
const countFitting = (pattern: RegExp, textOf: (number: string) => string): number =>
  numbers.filter((number) => pattern.test(textOf(number))).length;

describe('the texts of a pattern', () => {
  it('are as many as match it, when all versions of a client are tried', () => {
    const majors = countFitting(clientVersionPattern, (number) => `${number}.0`);
    const minors = countFitting(clientVersionPattern, (number) => `0.${number}`);
    expect(countTexts(clientVersionPattern)).toBe(majors * minors);
  });

  it('are as many as match it, when all versions of a package are tried', () => {
    const places = ['n.0.0', '0.n.0', '0.0.n'].map((place) =>
      countFitting(packageVersionPattern, (number) => place.replace('n', number)),
    );
    const words = ['alpha', 'beta', 'canary', 'dev', 'next', 'rc'].map(
      (word) => 1 + countFitting(packageVersionPattern, (number) => `0.0.0-${word}.${number}`),
    );
    const endings = words.reduce((all, ways) => all + ways, 1);
    expect(countTexts(packageVersionPattern)).toBe(
      places.reduce((all, ways) => all * ways, endings),
    );
  });

  it.each([
    [/^a$/, 1],
    [/^a\)$/, 1],
    [/^[0-9a-f]{2}$/, 256],
    [/^a?(?:b|[cd]{1,2})$/, 14],
    [/^(?:x|)\.\d{3}$/, 2000],
  ])('of %s are %i', (pattern, count) => {
    expect(countTexts(pattern)).toBe(count);
  });

  it.each([/^a*$/, /^\d+$/, /^.$/, /^\w$/, /^a{2,}$/, /^(a)$/, /a/, /^(?=a)a$/])(
    'of %s are not counted',
    (pattern) => {
      expect(() => countTexts(pattern)).toThrow(/^No/);
    },
  );
});
