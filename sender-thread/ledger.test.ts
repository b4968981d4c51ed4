import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { damagedLedgerFile, ledgerFile, spoolFolder } from '../contract/files.ts';
import { maxLedgerBytes } from '../contract/limits.ts';
import { temporarySpool } from '../spec/support/temporary-home.ts';
import { commitAbsorbed, readLedger, stageLedger } from './ledger.ts';
import { removeLeftovers } from './spool.ts';

/** Commits a new ledger which holds all of the first claim. */
function commit(home: string, wasLedgerDamaged = false): void {
  using staged = stageLedger(home, 'new ledger', 'tag');
  const spent = [{ name: 'claim-a', bytes: Buffer.from('claim-a'), isFinal: true }];
  commitAbsorbed(home, staged, { wasLedgerDamaged }, spent);
}

/** A home whose spool has two claims, and a ledger if there is a text for one. */
function homeWith(ledger?: string): string {
  const { home } = temporarySpool();
  for (const name of ['claim-a', 'claim-b']) writeFileSync(join(home, spoolFolder, name), name);
  if (ledger !== undefined) writeFileSync(join(home, ledgerFile), ledger);
  return home;
}

function namesIn(home: string): readonly string[] {
  return readdirSync(join(home, spoolFolder));
}

describe('reads as damaged what cannot be a ledger:', () => {
  it('a file that is too long', () => {
    expect(readLedger(homeWith('x'.repeat(maxLedgerBytes)))).toHaveLength(maxLedgerBytes);
    expect(readLedger(homeWith('x'.repeat(maxLedgerBytes + 1)))).toBe('');
  });

  it('a folder', () => {
    const home = homeWith();
    mkdirSync(join(home, ledgerFile));
    expect(readLedger(home)).toBe('');
  });
});

it('reads no ledger where there is none, or a link to nothing', () => {
  const home = homeWith();
  expect(readLedger(home)).toBeNull();
  if (process.platform === 'win32') return;
  symlinkSync('nowhere', join(home, ledgerFile));
  expect(readLedger(home)).toBeNull();
});

it('keeps the claims when the ledger could not be written', () => {
  const home = homeWith();
  mkdirSync(join(home, ledgerFile, 'inside'), { recursive: true });
  expect(() => commit(home)).toThrow(/EISDIR|EEXIST|EPERM|ENOTEMPTY/);
  expect(namesIn(home)).toEqual(['claim-a', 'claim-b', 'ledger.json']);
});

it('writes the ledger, then lets go of the claims that are in it', () => {
  const home = homeWith('old ledger');
  commit(home);
  expect(readLedger(home)).toBe('new ledger');
  expect(namesIn(home)).toEqual(['claim-b', 'ledger.json']);
});

describe('sets aside what was no ledger', () => {
  test.each<[what: string, put: (path: string) => void]>([
    ['a damaged file', (path) => writeFileSync(path, 'damaged')],
    ['a folder', (path) => mkdirSync(join(path, 'inside'), { recursive: true })],
  ])('%s', (_, put) => {
    const home = homeWith();
    put(join(home, ledgerFile));
    commit(home, true);
    expect(readLedger(home)).toBe('new ledger');
    expect(namesIn(home)).toEqual(['claim-b', 'ledger.damaged.json', 'ledger.json']);
  });

  it('and leaves it when its own is gone: somebody has taken over meanwhile', () => {
    const home = homeWith('a good one by now');
    using staged = stageLedger(home, 'new ledger', 'tag');
    removeLeftovers(join(home, spoolFolder));
    expect(() => commitAbsorbed(home, staged, { wasLedgerDamaged: true }, [])).toThrow('ENOENT');
    expect(readLedger(home)).toBe('a good one by now');
  });

  it('and keeps the last one only', () => {
    const home = homeWith('damaged for the second time');
    mkdirSync(join(home, damagedLedgerFile, 'inside'), { recursive: true });
    commit(home, true);
    expect(readFileSync(join(home, damagedLedgerFile), 'utf8')).toBe('damaged for the second time');
  });
});
