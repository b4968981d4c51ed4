import { expect, test } from 'vitest';
import { retryDelayS } from './retry-delay.ts';

test.each([
  ['the first wait, shortest', { attempts: 1, jitter: 0 }, 8],
  ['the first wait, longest', { attempts: 1, jitter: 1 }, 15],
  ['the second', { attempts: 2, jitter: 1 }, 30],
  ['the twentieth', { attempts: 20, jitter: 1 }, 3_600],
  ['what the sink asked for', { attempts: 1, jitter: 0, retryAfterS: 90 }, 90],
  ['a sink that asks for a week', { attempts: 1, jitter: 0, retryAfterS: 604_800 }, 43_200],
  ['no wait at all', { attempts: 3, jitter: 1, baseS: 0 }, 0],
])('%s', (_, retry, seconds) => {
  expect(retryDelayS({ baseS: 15, retryAfterS: 0, ...retry })).toBe(seconds);
});
