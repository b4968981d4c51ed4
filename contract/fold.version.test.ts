import { describe, expect, it, test } from 'vitest';
import fc from 'fast-check';
import { foldClientVersion, foldPackageVersion } from './fold.ts';

describe('of codegraph', () => {
  test.each([
    ['nothing', ''],
    ['a word', 'unknown'],
    ['two numbers', '1.6'],
    ['four numbers', '1.6.1.0'],
    ['a letter in front', 'v1.6.1'],
    ['a build', '1.6.1+alice.laptop'],
    ['a word that is not on the list', '1.6.1-alice'],
    ['a word behind a listed one', '1.6.1-beta.alice'],
    ['two words', '1.6.1-beta-rc'],
    ['a listed word in capitals', '1.6.1-BETA'],
    ['four digits', '1234.0.0'],
    ['four digits at the end', '1.6.1234'],
    ['four digits behind a word', '1.6.1-beta.1234'],
    ['a zero in front', '01.6.1'],
    ['a zero in front at the end', '1.6.01'],
    ['a zero in front behind a word', '1.6.1-beta.01'],
    ['a line break behind', '1.6.1\n'],
    ['a space in front', ' 1.6.1'],
    ['other digits', '١.٦.١'],
  ])('%s is `other`', (_, version) => {
    expect(foldPackageVersion(version)).toBe('other');
  });

  test.each(['0.0.0', '1.6.1', '999.999.999', '1.7.0-beta', '1.7.0-rc.12', '2.0.0-dev.999'])(
    '%s stays',
    (version) => {
      expect(foldPackageVersion(version)).toBe(version);
    },
  );
});

describe('of a client', () => {
  test.each([
    ['nothing', ''],
    ['a word', 'latest'],
    ['one number', '2'],
    ['a word in front', 'version 2.1'],
    ['four digits that are no year', '1234.1'],
    ['four digits behind', '2.1234'],
    ['a zero in front', '02.1'],
    ['a zero in front behind', '2.01'],
    ['a space in front', ' 2.1'],
  ])('%s is left out', (_, version) => {
    expect(foldClientVersion(version)).toBeUndefined();
  });

  test.each([
    ['2.1', '2.1'],
    ['v2.1', '2.1'],
    ['2.1.37', '2.1'],
    ['2.1.37-alice+laptop', '2.1'],
    ['2.1 (Alice’s build)', '2.1'],
    ['0.0', '0.0'],
    ['999.999', '999.999'],
    ['2025.3.1', '2025.3'],
  ])('%s becomes %s', (version, folded) => {
    expect(foldClientVersion(version)).toBe(folded);
  });
});

it('lets no text through that is not a token', () => {
  const near = fc.string({ unit: fc.constantFrom(...'0129.-+v beta rc\nx'.split('')) });
  fc.assert(
    fc.property(fc.oneof(fc.string(), near), (text) => {
      expect(foldPackageVersion(text)).toMatch(/^(?:other|[0-9.]{5,11}(?:-[a-z]{2,6}[0-9.]*)?)$/);
      expect(foldClientVersion(text) ?? '0.0').toMatch(/^[0-9]{1,4}\.[0-9]{1,3}$/);
    }),
  );
});
