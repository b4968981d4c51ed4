import { expect, it } from 'vitest';
import { forwardedSignals } from './run-engine.ts';

it.each<[platform: NodeJS.Platform, signals: string]>([
  ['linux', 'SIGINT SIGTERM SIGHUP SIGQUIT SIGUSR2'],
  ['darwin', 'SIGINT SIGTERM SIGHUP SIGQUIT SIGUSR2'],
  ['win32', 'SIGINT'],
])('on %s, the engine gets %s', (platform, signals) => {
  expect(forwardedSignals(platform).join(' ')).toBe(signals);
});
