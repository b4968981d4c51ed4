import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { receiptsFile } from '../contract/files.ts';
import { maxReceiptsFileBytes, maxUsageReceiptsBytes } from '../contract/limits.ts';
import type { SealedText } from '../contract/report/check.ts';
import { temporarySpool } from '../spec/support/home.ts';
import { keepReceipt } from './ledger.ts';

const now = Date.parse('2026-11-22T12:00:00.000Z');

const endpoint = 'https://me:secret@example.com/v1?key=secret';

function keep(dataDir: string, batchId: string, body: string): void {
  // A body of any text: only the name of the event in it matters.
  const report = { batchId, events: 1, text: body as SealedText };
  keepReceipt(dataDir, report, { now, endpoint, flushId: 'flushId' });
}

function namesIn(dataDir: string): readonly string[] {
  return receiptsIn(dataDir).map(({ batch_id }) => batch_id);
}

/** Receipts as earlier flushes have left them. */
function seed(dataDir: string, receipts: readonly { name: string; body: string }[]): void {
  const lines = receipts.map(({ name, body }) =>
    JSON.stringify({ accepted_at: new Date(now).toISOString(), batch_id: name, body }),
  );
  writeFileSync(join(dataDir, receiptsFile), `${lines.join('\n')}\n`);
}

const usage = '{"event":"usage_rollup"}';
const lifecycle = '{"event":"index"}';

function receiptsIn(dataDir: string): readonly { batch_id: string; body: string }[] {
  const lines = readFileSync(join(dataDir, receiptsFile), 'utf8').split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => JSON.parse(line) as { batch_id: string; body: string });
}

it('keeps the exact text, with when and by which endpoint it was accepted', () => {
  const { dataDir } = temporarySpool();
  keep(dataDir, 'a', '{"os":"linux"}');
  expect(receiptsIn(dataDir)).toEqual([
    {
      accepted_at: '2026-11-22T12:00:00.000Z',
      endpoint: 'https://***@example.com/v1?***',
      batch_id: 'a',
      body: '{"os":"linux"}',
    },
  ]);
});

describe('keeps the newest', () => {
  it('62 with usage and 30 without, in the order of their acceptance', () => {
    const { dataDir } = temporarySpool();
    // One below each bound.
    const numbers = Array.from({ length: 61 }, (_, index) => index + 1);
    seed(
      dataDir,
      numbers.flatMap((number) => [
        { name: `usage ${number}`, body: usage },
        ...(number > 32 ? [{ name: `other ${number}`, body: lifecycle }] : []),
      ]),
    );
    const before = namesIn(dataDir);
    for (const name of ['usage 62', 'usage 63']) keep(dataDir, name, usage);
    for (const name of ['other 62', 'other 63']) keep(dataDir, name, lifecycle);
    const gone = ['usage 1', 'other 33'];
    expect(namesIn(dataDir)).toEqual([
      ...before.filter((name) => !gone.includes(name)),
      'usage 62',
      'usage 63',
      'other 62',
      'other 63',
    ]);
  });

  it('month of use beside any number of installations', () => {
    const { dataDir } = temporarySpool();
    const month = Array.from({ length: 31 }, (_, day) => `day ${day}`);
    const installations = Array.from({ length: 30 }, (_, number) => `other ${number}`);
    seed(dataDir, [
      ...month.map((name) => ({ name, body: usage.padEnd(4_000) })),
      ...installations.map((name) => ({ name, body: lifecycle })),
    ]);
    keep(dataDir, 'one more', lifecycle);
    expect(namesIn(dataDir)).toEqual([...month, ...installations.slice(1), 'one more']);
  });

  it('that fit into 256 KiB', () => {
    const { dataDir } = temporarySpool();
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) keep(dataDir, name, usage.padEnd(60_000));
    expect(namesIn(dataDir)).toEqual(['c', 'd', 'e', 'f']);
    const bytes = readFileSync(join(dataDir, receiptsFile)).length;
    expect(bytes).toBeLessThanOrEqual(maxUsageReceiptsBytes);
  });

  it('even where something else stood in the file', () => {
    const { dataDir } = temporarySpool();
    writeFileSync(join(dataDir, receiptsFile), 'x'.repeat(maxReceiptsFileBytes));
    keep(dataDir, 'a', '{}');
    expect(namesIn(dataDir)).toEqual(['a']);
  });
});

it('throws where it cannot be kept', () => {
  const { dataDir } = temporarySpool();
  mkdirSync(join(dataDir, receiptsFile));
  expect(() => keep(dataDir, 'a', '{}')).toThrow('EISDIR');
});
