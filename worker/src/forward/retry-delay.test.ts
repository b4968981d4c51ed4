import { expect, test } from 'vitest';
import { retryDelayS } from './retry-delay.ts';

const failure = { attempts: 1, isFault: false, retryAfterS: 0 };
const policy = { baseS: 15, random: () => 1 };

test.each([
  ['the first wait, shortest', {}, { random: () => 0 }, 8],
  ['the first wait, longest', {}, {}, 15],
  ['the second', { attempts: 2 }, {}, 30],
  ['the twentieth', { attempts: 20 }, {}, 3_600],
  ['what the sink asked for', { retryAfterS: 90 }, {}, 90],
  ['a sink that asks for a week', { retryAfterS: 604_800 }, {}, 43_200],
  ['where only a person can help', { isFault: true }, {}, 3_600],
  ['a dead letter', { attempts: 7 }, { fixedS: 43_200 }, 43_200],
  ['no wait at all', { attempts: 3 }, { baseS: 0 }, 0],
])('%s', (_, failed, otherwise, seconds) => {
  expect(retryDelayS({ ...failure, ...failed }, { ...policy, ...otherwise })).toBe(seconds);
});
