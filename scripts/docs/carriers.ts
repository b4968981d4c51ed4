import {
  maxCount,
  maxCountersPerDay,
  maxLanguages,
  maxTargets,
  maxVersionsPerClient,
} from '../../contract/limits.ts';
import * as lists from '../../contract/report/lists.ts';
import { countTexts } from './count-texts.ts';
import { table } from './markdown.ts';

const sum = (terms: readonly number[]): number => terms.reduce((total, term) => total + term, 0);

/** Calls `termOf` with each whole number from `first` to `last`. */
const each = (first: number, last: number, termOf: (number: number) => number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => termOf(first + index));

/** Ways to choose `size` of `all` things, in whatever order. */
const choose = (all: number, size: number): number =>
  each(1, size, (place) => (all - size + place) / place).reduce((ways, factor) => ways * factor, 1);

/** Lists of up to `longest` of `all` names: any order, repetitions. */
const countLists = (all: number, shortest: number, longest: number): number =>
  sum(each(shortest, longest, (length) => all ** length));

/** Sets of up to `largest` of `all` names. */
const countSets = (all: number, smallest: number, largest: number): number =>
  sum(each(smallest, Math.min(all, largest), (size) => choose(all, size)));

/** What one total says with its two numbers, of up to `calls` calls: no more errors than calls. */
const countTotals = (calls: number): number => sum(each(0, calls, (count) => count + 1));

/**
 * A pattern with its bound on numbers lifted: up to four digits, zeros in front.
 *
 * @throws Error when the pattern has no such bound.
 */
function lift({ source }: RegExp): RegExp {
  const lifted = source.replaceAll(/\(\?:0\|\[1-9\][^)]*\)/g, String.raw`\d{1,4}`);
  if (lifted === source) throw new Error(`Nothing bounds the numbers of ${source}`);
  return new RegExp(lifted);
}

const format = (number: number, digits = 0): string =>
  number.toLocaleString('en-US', { maximumFractionDigits: digits });
const bits = (ways: number, times = 1): string => `${format(times * Math.log2(ways))} bits`;

/** What a client can say in a day beside what it should, each figure from the contract's own bounds. */
export function describeCarriers(): string {
  const { clientNames, clientVersionPattern, languages, packageVersionPattern, targets } = lists;
  const versions = countTexts(clientVersionPattern);
  const anyVersions = countTexts(lift(clientVersionPattern));
  const orders = sum(each(1, maxCountersPerDay, Math.log2));
  const kept = `${maxVersionsPerClient} of ${format(versions / 1e6, 1)} million`;
  return table(
    ['Carrier', 'Without', 'With'],
    [
      [
        'client versions',
        `${bits(anyVersions, maxCountersPerDay)} (${format(Math.log2(anyVersions), 1)} × ${format(maxCountersPerDay)})`,
        `${bits(countSets(versions, 0, maxVersionsPerClient), clientNames.length)}: ${kept}, for each of ${clientNames.length} names`,
      ],
      [
        'order of the events',
        `${format(orders)} bits, within the above`,
        'none: events are sorted',
      ],
      [
        'version of a host',
        bits(countTexts(lift(packageVersionPattern))),
        bits(countTexts(packageVersionPattern)),
      ],
      [
        'languages of one index',
        `${bits(countLists(languages.length, 1, maxLanguages))}: any order, repetitions`,
        `${bits(countSets(languages.length, 1, maxLanguages))}: in the list's order, each once`,
      ],
      [
        'agents of one install',
        bits(countLists(targets.length, 0, maxTargets)),
        bits(countSets(targets.length, 0, maxTargets)),
      ],
      ['one total, 100 calls', bits(countTotals(100)), 'the same'],
      [`one total, ${format(maxCount)} calls`, bits(countTotals(maxCount)), 'the same'],
    ],
  );
}
