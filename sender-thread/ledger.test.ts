import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { damagedLedgerFile, ledgerFile, spoolFolder } from '../spec/contract/files.ts';
import { maxLedgerBytes } from '../spec/contract/limits.ts';
import type { AbsorbResponse } from '../spec/contract/sandbox.ts';
import { temporarySpool } from '../spec/testing/temporary-home.ts';
import { commitAbsorbed, readLedger } from './ledger.ts';

function absorbed(more: Partial<AbsorbResponse> = {}): AbsorbResponse {
  return {
    ledger: 'new ledger',
    wasLedgerDamaged: false,
    spentClaims: ['claim-a'],
    reports: [],
    outcome: 'nothing-to-send',
    ...more,
  };
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
  expect(() => commitAbsorbed(home, absorbed(), 'tag')).toThrow(/EISDIR|EEXIST|EPERM|ENOTEMPTY/);
  expect(namesIn(home)).toEqual(['claim-a', 'claim-b', 'ledger.json']);
});

it('writes the ledger, then lets go of the claims that are in it', () => {
  const home = homeWith('old ledger');
  commitAbsorbed(home, absorbed(), 'tag');
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
    commitAbsorbed(home, absorbed({ wasLedgerDamaged: true }), 'tag');
    expect(readLedger(home)).toBe('new ledger');
    expect(namesIn(home)).toEqual(['claim-b', 'ledger.damaged.json', 'ledger.json']);
  });

  it('and keeps the last one only', () => {
    const home = homeWith('damaged for the second time');
    mkdirSync(join(home, damagedLedgerFile, 'inside'), { recursive: true });
    commitAbsorbed(home, absorbed({ wasLedgerDamaged: true }), 'tag');
    expect(readFileSync(join(home, damagedLedgerFile), 'utf8')).toBe('damaged for the second time');
  });
});
