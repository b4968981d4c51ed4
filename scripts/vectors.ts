// Writes the golden vectors in spec/vectors: bytes and texts of the three formats, each with what
// it means. They are committed, so that a change of a format shows as a change of its vectors. Run
// it after such a change, by `node scripts/vectors.ts`, and read the difference.
//
// Written by hand and left alone: reports/usage.json, reports/lifecycle.json, and what the
// published client sent (published-client).
import { mkdir, writeFile } from 'node:fs/promises';
import { absorb } from '../spec/support/absorb.ts';
import { encodeFrame, type Frame } from '../contract/frame.ts';
import { emptyLedger, formatLedger, parseLedger } from '../contract/ledger.ts';
import { bufferOf, dayNamed, frameOf, joined } from '../spec/support/frames.ts';
import { claimOf, reporter, requestOf } from '../spec/support/requests.ts';
import { type FrameVector, type LedgerVector, vectorIds } from '../spec/support/vectors.ts';

const folder = new URL('../spec/vectors/', import.meta.url);
const yesterday = dayNamed('2026-11-21');
const today = yesterday + 1;

const oneCommand = frameOf(yesterday, [[0, 'query', 1, 0]]);
const everyField: Frame = {
  day: yesterday,
  counters: [
    [0, 'query', 60, 2],
    [0, 'prompt-hook-gate-noop-shape', 3, 0],
    [1, 'codegraph_explore', 17, 0, 'claude-code', '2.1'],
    [1, 'codegraph_explore', 2, 1, 'zed'],
    [1, 'other', 1, 1, 'other', '0.1'],
  ],
  events: [
    ['install', { targets: ['claude', 'cursor'], scope: 'global', kind: 'fresh' }],
    [
      'index',
      { languages: ['typescript', 'go'], file_count_bucket: '100-1k', duration_bucket: '<10s' },
    ],
    ['uninstall', { targets: ['cursor'] }],
  ],
  dropped: 4,
};
const counts = [0, 1, 127, 128, 255, 256, 65_535, 65_536, 1_000_000];
const everySize = frameOf(
  yesterday,
  counts.map((count) => [0, 'sync', count, count]),
);
const ofToday = frameOf(today, [[0, 'sync', 5, 0]]);

async function writeVector(path: string, vector: unknown): Promise<void> {
  const url = new URL(path, folder);
  await mkdir(new URL('.', url), { recursive: true });
  await writeFile(url, `${JSON.stringify(vector, undefined, 2)}\n`);
}

async function writeFrames(
  file: string,
  what: string,
  bytes: Uint8Array,
  frames: readonly Frame[],
): Promise<void> {
  const lost_bytes = bytes.length - bufferOf(...frames).length;
  const hex = Buffer.from(bytes).toString('hex');
  await writeVector(`frames/${file}`, { what, hex, frames, lost_bytes } satisfies FrameVector);
}

async function writeLedger(
  file: string,
  what: string,
  text: string,
  more: Pick<LedgerVector, 'made_of'> = {},
): Promise<void> {
  const ledger = parseLedger(text) ?? null;
  await writeVector(`ledgers/${file}`, { what, ...more, text, ledger } satisfies LedgerVector);
}

await writeFrames('one-command.json', 'one command', encodeFrame(oneCommand), [oneCommand]);
await writeFrames('every-field.json', 'every field', encodeFrame(everyField), [everyField]);
await writeFrames('every-size.json', 'numbers of every size', encodeFrame(everySize), [everySize]);
await writeFrames('two-days.json', 'two days', bufferOf(oneCommand, ofToday), [
  oneCommand,
  ofToday,
]);
await writeFrames(
  'torn.json',
  'a frame whose writer was killed, between two that are whole',
  joined(encodeFrame(oneCommand), encodeFrame(everyField).subarray(0, 40), encodeFrame(ofToday)),
  [oneCommand, ofToday],
);
await writeFrames(
  'foreign.json',
  'marks and text before and behind a whole frame',
  joined(
    Buffer.from([0xc1, 0xc1]),
    Buffer.from('hello'),
    encodeFrame(oneCommand),
    Buffer.from([0xc1]),
  ),
  [oneCommand],
);

const claims = [bufferOf(everyField, oneCommand), bufferOf(ofToday)];
const rolledUp = absorb(
  requestOf(today, {
    claims: claims.map((bytes, index) => claimOf(bytes, `claim-${index}`)),
    reporter,
    randomBytes: vectorIds(20),
  }),
);
await writeLedger('empty.json', 'nothing', formatLedger(emptyLedger()));
await writeLedger('rolled-up.json', 'two claims: a day sealed, a day open', rolledUp.ledger, {
  made_of: { claims: claims.map((bytes) => Buffer.from(bytes).toString('hex')), today },
});
const stopped = emptyLedger();
stopped.sending = { ...stopped.sending, failures: 3, stopped: true };
await writeLedger('stopped.json', 'the ingest has said 410', formatLedger(stopped));
await writeLedger('other-version.json', 'a version to come', '{"ledger_version":2,"days":{}}\n');
await writeLedger('torn.json', 'the first half of one', rolledUp.ledger.slice(0, 700));
await writeLedger('not-json.json', 'no JSON at all', 'ledger_version: 1\n');
await writeVector('reports/rolled-up.json', JSON.parse(rolledUp.reports[0]?.text ?? ''));
