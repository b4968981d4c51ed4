import { expect, it } from 'vitest';
import { runBursts } from './burst.ts';
import { runChaos } from './chaos.ts';
import { killAtSteps } from './kill-at-steps.ts';

/** Short forms of `npm run chaos`. A retry would hide what they are for. */
const options = { retry: 0, timeout: 300_000 };

it('a process that is killed at any step loses and doubles nothing', options, async () => {
  const { kills, problems } = await killAtSteps(false);

  expect(problems).toEqual([]);
  expect([...kills.keys()]).toEqual(expect.arrayContaining(steps));
});

it('15 seconds of random kills and a hostile ingest lose and double nothing', options, async () => {
  const seed = Date.now() % 2 ** 31;
  const { verdict, processes, kills } = await runChaos(seed, 15);

  expect(verdict, `seed ${seed}`).toMatchObject({ lost: 0, doubled: 0, problems: [] });
  expect(processes.size).toBeGreaterThan(3);
  expect(kills.size).toBeGreaterThan(1);
});

it('200 processes that end at once lose nothing', options, async () => {
  const verdict = await runBursts(200, 1);

  expect(verdict).toMatchObject({ known: 201, arrived: 201, problems: [] });
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
