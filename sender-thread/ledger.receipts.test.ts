import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { receiptsFile } from '../contract/files.ts';
import { maxReceiptsBytes } from '../contract/limits.ts';
import type { SealedText } from '../contract/report/check.ts';
import { temporarySpool } from '../spec/support/home.ts';
import { keepReceipt } from './ledger.ts';

const now = Date.parse('2026-11-22T12:00:00.000Z');

function keep(dataDir: string, batchId: string, body: string): void {
  // A body of any text: receipts look at none.
  keepReceipt(dataDir, { batchId, events: 1, text: body as SealedText }, now, 'flushId');
}

function receiptsIn(dataDir: string): readonly { batch_id: string; body: string }[] {
  const lines = readFileSync(join(dataDir, receiptsFile), 'utf8').split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => JSON.parse(line) as { batch_id: string; body: string });
}

it('keeps the exact text, with when it was accepted', () => {
  const { dataDir } = temporarySpool();
  keep(dataDir, 'a', '{"os":"linux"}');
  expect(receiptsIn(dataDir)).toEqual([
    { accepted_at: '2026-11-22T12:00:00.000Z', batch_id: 'a', body: '{"os":"linux"}' },
  ]);
});

describe('keeps the newest', () => {
  it('twenty', () => {
    const { dataDir } = temporarySpool();
    for (let number = 1; number <= 23; number++) keep(dataDir, `${number}`, '{}');
    const ids = receiptsIn(dataDir).map(({ batch_id }) => Number(batch_id));
    expect(ids).toEqual(Array.from({ length: 20 }, (_, index) => index + 4));
  });

  it('that fit into 128 KiB', () => {
    const { dataDir } = temporarySpool();
    for (const id of ['a', 'b', 'c', 'd']) keep(dataDir, id, 'x'.repeat(50_000));
    expect(receiptsIn(dataDir).map(({ batch_id }) => batch_id)).toEqual(['c', 'd']);
    expect(readFileSync(join(dataDir, receiptsFile)).length).toBeLessThanOrEqual(maxReceiptsBytes);
  });

  it('even where something else stood in the file', () => {
    const { dataDir } = temporarySpool();
    writeFileSync(join(dataDir, receiptsFile), 'x'.repeat(2 * maxReceiptsBytes));
    keep(dataDir, 'a', '{}');
    expect(receiptsIn(dataDir).map(({ batch_id }) => batch_id)).toEqual(['a']);
  });
});

it('throws where it cannot be kept', () => {
  const { dataDir } = temporarySpool();
  mkdirSync(join(dataDir, receiptsFile));
  expect(() => keep(dataDir, 'a', '{}')).toThrow('EISDIR');
});
