import { describe, expect, it } from 'vitest';
import { runBursts } from './burst.ts';
import { runChaos } from './chaos.ts';
import { killAtSteps } from './kill-at-steps.ts';

/** Short forms of `npm run chaos`. A retry would hide what they are for. */
const options = { retry: 0, timeout: 300_000 };

// Windows has no signals.
describe.skipIf(process.platform === 'win32')('nothing is lost or doubled', options, () => {
  it('when a process is killed at any step', async () => {
    const { kills, problems } = await killAtSteps(false);

    expect(problems).toEqual([]);
    expect([...kills.keys()]).toEqual(expect.arrayContaining(steps));
  });

  it('in 15 seconds of random kills, with a hostile ingest', async () => {
    const seed = Date.now() % 2 ** 31;
    const { verdict } = await runChaos(seed, 15);

    expect(verdict, `seed ${seed}`).toMatchObject({ lost: 0, doubled: 0, problems: [] });
    expect(verdict.begun).toBeGreaterThan(0);
  });

  it('when 100 processes end at once', async () => {
    expect(await runBursts(100, 1)).toMatchObject({ known: 101, arrived: 101, problems: [] });
  });
});

/** Each of them was seen; a call that nobody can stop any more would be missing. */
const steps = [
  'main: mkdir spool',
  'main: create buffer.msgpack',
  'main: write buffer.msgpack',
  'sender: create lock',
  'sender: write lock',
  'sender: rename lock to lock.tmp',
  'sender: rm lock.tmp',
  'sender: utimes lock',
  'sender: rename buffer.msgpack to claim',
  'sender: create ledger.json.tmp',
  'sender: writeFile ledger.json.tmp',
  'sender: fsync ledger.json.tmp',
  'sender: rename ledger.json.tmp to ledger.json',
  'sender: rm claim',
  'sender: POST',
  'sender: POST, unanswered',
  'sender: create receipts.jsonl.tmp',
  'sender: fsync receipts.jsonl.tmp',
  'sender: rename receipts.jsonl.tmp to receipts.jsonl',
  'sender: rm lock',
];
