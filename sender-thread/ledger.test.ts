import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { damagedLedgerFile, ledgerFile, spoolFolder } from '../contract/files.ts';
import { maxLedgerBytes } from '../contract/limits.ts';
import { temporarySpool } from '../spec/support/home.ts';
import { commitAbsorbed, readLedger, stageLedger } from './ledger.ts';
import { removeLeftovers } from './claim.ts';

/** Commits a new ledger which holds all of the first claim. */
function commit(dataDir: string, wasLedgerDamaged = false): void {
  using staged = stageLedger(dataDir, 'new ledger', 'flushId');
  const spent = [{ name: 'claim-a', bytes: Buffer.from('claim-a'), isFinal: true }];
  commitAbsorbed(dataDir, staged, { wasLedgerDamaged }, spent);
}

/** A home whose spool has two claims, and a ledger if there is a text for one. */
function homeWith(ledger?: string): string {
  const { dataDir } = temporarySpool();
  for (const name of ['claim-a', 'claim-b']) writeFileSync(join(dataDir, spoolFolder, name), name);
  if (ledger !== undefined) writeFileSync(join(dataDir, ledgerFile), ledger);
  return dataDir;
}

function namesIn(dataDir: string): readonly string[] {
  return readdirSync(join(dataDir, spoolFolder));
}

describe('reads as damaged what cannot be a ledger:', () => {
  it('a file that is too long', () => {
    expect(readLedger(homeWith('x'.repeat(maxLedgerBytes)))).toHaveLength(maxLedgerBytes);
    expect(readLedger(homeWith('x'.repeat(maxLedgerBytes + 1)))).toBe('');
  });

  it('a folder', () => {
    const dataDir = homeWith();
    mkdirSync(join(dataDir, ledgerFile));
    expect(readLedger(dataDir)).toBe('');
  });
});

it('reads no ledger where there is none, and a damaged one where a link leads nowhere', () => {
  const dataDir = homeWith();
  expect(readLedger(dataDir)).toBeNull();
  if (process.platform === 'win32') return;
  symlinkSync('nowhere', join(dataDir, ledgerFile));
  expect(readLedger(dataDir)).toBe('');
});

it('keeps the claims when the ledger could not be written', () => {
  const dataDir = homeWith();
  mkdirSync(join(dataDir, ledgerFile, 'inside'), { recursive: true });
  expect(() => commit(dataDir)).toThrow(/EISDIR|EEXIST|EPERM|ENOTEMPTY/);
  expect(namesIn(dataDir)).toEqual(['claim-a', 'claim-b', 'ledger.json']);
});

it('writes the ledger, then lets go of the claims that are in it', () => {
  const dataDir = homeWith('old ledger');
  commit(dataDir);
  expect(readLedger(dataDir)).toBe('new ledger');
  expect(namesIn(dataDir)).toEqual(['claim-b', 'ledger.json']);
});

describe('sets aside what was no ledger', () => {
  test.each<[what: string, put: (path: string) => void]>([
    ['a damaged file', (path) => writeFileSync(path, 'damaged')],
    ['a folder', (path) => mkdirSync(join(path, 'inside'), { recursive: true })],
  ])('%s', (_, put) => {
    const dataDir = homeWith();
    put(join(dataDir, ledgerFile));
    commit(dataDir, true);
    expect(readLedger(dataDir)).toBe('new ledger');
    expect(namesIn(dataDir)).toEqual(['claim-b', 'ledger.damaged.json', 'ledger.json']);
  });

  it('and leaves it when its own is gone: somebody has taken over meanwhile', () => {
    const dataDir = homeWith('a good one by now');
    using staged = stageLedger(dataDir, 'new ledger', 'flushId');
    removeLeftovers(join(dataDir, spoolFolder));
    expect(() => commitAbsorbed(dataDir, staged, { wasLedgerDamaged: true }, [])).toThrow('ENOENT');
    expect(readLedger(dataDir)).toBe('a good one by now');
  });

  it('and keeps the last one only', () => {
    const dataDir = homeWith('damaged for the second time');
    mkdirSync(join(dataDir, damagedLedgerFile, 'inside'), { recursive: true });
    commit(dataDir, true);
    expect(readFileSync(join(dataDir, damagedLedgerFile), 'utf8')).toBe(
      'damaged for the second time',
    );
  });
});
