import { existsSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { temporaryPaths } from '../../../spec/support/home.ts';
import { ConsentWatch } from '../../consent/watch.ts';
import type { Dialog } from './dialog.ts';
import { askConsent } from './toggle.ts';

const overrides = { doNotTrack: undefined, codegraphTelemetry: undefined, hasFlag: false };

/** A dialog that keeps what it is to say, and cancels every question. */
function listen(): { readonly dialog: Dialog; readonly said: readonly string[] } {
  const said: string[] = [];
  const keep = (text: string): void => void said.push(text);
  const cancel = (question: string): Promise<undefined> => {
    said.push(question);
    return Promise.resolve(undefined);
  };
  const dialog = { begin: keep, say: keep, warn: keep, show: keep, end: keep, giveUp: keep };
  return { dialog: { ...dialog, choose: cancel, chooseSome: cancel, confirm: cancel }, said };
}

it('says that a policy has decided, and does not ask', async () => {
  const paths = temporaryPaths();
  writeFileSync(paths.policyFile, '');
  const { dialog, said } = listen();
  const context = { watch: new ConsentWatch(overrides, paths), endpoint: 'http://127.0.0.1' };

  expect(await askConsent(dialog, context)).toBe('decided');
  expect(said).toEqual(['Telemetry is off, decided by the policy file of this machine.']);
});

it('stores nothing, whatever is answered', async () => {
  const paths = temporaryPaths();
  const { dialog, said } = listen();
  const context = { watch: new ConsentWatch(overrides, paths), endpoint: 'http://127.0.0.1' };

  expect(await askConsent(dialog, context)).toBeUndefined();
  expect(said).toHaveLength(1);
  expect(existsSync(`${paths.dataDir}/telemetry.json`)).toBe(false);
});
