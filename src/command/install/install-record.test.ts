import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { expect, it, test } from 'vitest';
import { installRecordFile } from '../../../contract/files.ts';
import { temporaryPaths, temporarySpool } from '../../../spec/support/home.ts';
import { kindOf, readInstalledVersion, writeInstalledVersion } from './install-record.ts';

test.each([
  ['nothing was there', false, undefined, 'fresh'],
  ['nothing was there, whatever was long ago', false, '1.5.0', 'fresh'],
  ['it was there, nobody knows since when', true, undefined, 'reinstall'],
  ['it was there in this version', true, '1.6.1', 'reinstall'],
  ['it was there in another version', true, '1.5.0', 'upgrade'],
] as const)('%s', (_what, wasConfigured, recorded, expected) => {
  expect(kindOf(wasConfigured, recorded, '1.6.1')).toBe(expected);
});

it('remembers a version in a file of its owner', () => {
  const { dataDir } = temporaryPaths();

  expect(readInstalledVersion(dataDir)).toBeUndefined();
  writeInstalledVersion(dataDir, '1.6.1');

  expect(readInstalledVersion(dataDir)).toBe('1.6.1');
  expect(statSync(`${dataDir}/${installRecordFile}`).mode & 0o777).toBe(0o600);
  expect(statSync(`${dataDir}/telemetry`).mode & 0o777).toBe(0o700);
});

it.each(['', '{', 'null', '{"engine_version":1}', ' '.repeat(20_000)])(
  'takes what is no record for none',
  (text) => {
    const { dataDir } = temporarySpool();
    writeFileSync(`${dataDir}/${installRecordFile}`, text);

    expect(readInstalledVersion(dataDir)).toBeUndefined();
  },
);

it('takes a folder in its place for none', () => {
  const { dataDir } = temporarySpool();
  mkdirSync(`${dataDir}/${installRecordFile}`);

  expect(readInstalledVersion(dataDir)).toBeUndefined();
});
