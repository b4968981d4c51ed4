import files, { chmodSync, chownSync, mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporarySpool } from '../spec/support/home.ts';
import type { ConsentPaths } from './consent.ts';
import { decideConsent } from './consent.ts';
import { spoolFolder } from './files.ts';
import { whyUntrusted } from './trust-folder.ts';

const isRoot = process.geteuid?.() === 0;

describe.skipIf(process.platform === 'win32')('a folder is not trusted', () => {
  const flaws: readonly [what: string, reason: RegExp, (path: string) => void][] = [
    ['is a link', /is a link$/, linkElsewhere],
    [
      'is a link to nothing',
      /is a link$/,
      (path) => {
        linkElsewhere(path);
        renameSync(`${path}.elsewhere`, `${path}.gone`);
      },
    ],
    [
      'can be changed by everybody',
      /can be changed by other users$/,
      (path) => chmodSync(path, 0o777),
    ],
    ...(isRoot
      ? ([
          [
            'belongs to another user',
            /belongs to another user$/,
            (path) => chownSync(path, 1234, 0),
          ],
          [
            'can be changed by a group',
            /can be changed by other users$/,
            (path) => {
              chownSync(path, 0, 1234);
              chmodSync(path, 0o770);
            },
          ],
        ] satisfies [string, RegExp, (path: string) => void][])
      : []),
  ];
  it.each(flaws)('when the data folder %s', (_what, reason, spoil) => {
    const paths = temporarySpool();
    spoil(paths.dataDir);
    expect(whyUntrusted(paths.dataDir, files)).toMatch(reason);
    expectOff(paths, reason);
  });

  it.each(flaws)('when the spool %s', (_what, reason, spoil) => {
    const paths = temporarySpool();
    spoil(join(paths.dataDir, spoolFolder));
    expect(whyUntrusted(paths.dataDir, files)).toMatch(reason);
    expectOff(paths, reason);
  });
});

it('trusts folders that only their owner can change, and folders that are not there', () => {
  const { dataDir } = temporarySpool();
  for (const mode of [0o700, 0o755]) {
    chmodSync(dataDir, mode);
    expect(whyUntrusted(dataDir, files)).toBeUndefined();
  }
  expect(whyUntrusted(join(dataDir, 'none'), files)).toBeUndefined();
});

function linkElsewhere(path: string): void {
  renameSync(path, `${path}.elsewhere`);
  symlinkSync(`${path}.elsewhere`, path);
  mkdirSync(join(`${path}.elsewhere`, 'kept'));
}

/** Even for a yes in the environment. */
function expectOff(paths: ConsentPaths, reason: RegExp): void {
  const overrides = { doNotTrack: undefined, codegraphTelemetry: '1', hasFlag: false };
  const { mode, decidedBy, warning = '' } = decideConsent(overrides, paths, files);
  expect([mode, decidedBy]).toEqual(['off', 'untrusted']);
  expect(warning.replace(', so nothing is counted', '')).toMatch(reason);
}
