import { existsSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { temporaryPaths } from '../../../spec/support/home.ts';
import { ConsentWatch } from '../../consent/watch.ts';
import { askConsent } from './toggle.ts';

const overrides = { doNotTrack: undefined, codegraphTelemetry: undefined, hasFlag: false };
const endpoint = 'http://127.0.0.1';

type AskingPrompt = Parameters<typeof askConsent>[0];

/** A prompt that keeps what it is to say, and cancels every question. */
function listen(): { readonly prompt: AskingPrompt; readonly said: readonly string[] } {
  const said: string[] = [];
  const cancel = (question: string): Promise<undefined> => {
    said.push(question);
    return Promise.resolve(undefined);
  };
  const write = (_as: string, text: string): void => void said.push(text);
  return { prompt: { write, choose: cancel, waitFor: (work) => work }, said };
}

it('says that a policy has decided, and does not ask', async () => {
  const paths = temporaryPaths();
  writeFileSync(paths.policyFile, '');
  const { prompt, said } = listen();

  const answer = await askConsent(prompt, { watch: new ConsentWatch(overrides, paths), endpoint });

  expect(answer).toBe('decided');
  expect(said).toEqual(['Telemetry is off, decided by the policy file of this machine.']);
});

it('names the endpoint, and stores nothing, whatever is answered', async () => {
  const paths = temporaryPaths();
  const { prompt, said } = listen();

  const answer = await askConsent(prompt, { watch: new ConsentWatch(overrides, paths), endpoint });

  expect(answer).toBeUndefined();
  expect(said).toEqual([expect.stringContaining(`To: ${endpoint}`), expect.any(String)]);
  expect(existsSync(`${paths.dataDir}/telemetry.json`)).toBe(false);
});
