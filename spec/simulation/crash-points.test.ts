import { expect, it } from 'vitest';
import { killAtEachCall } from './crash-points.ts';
import { loadSimulator } from './simulate.ts';

it('loses and doubles nothing when a process is killed before any of its calls', async () => {
  const { crashPoints, problems } = await killAtEachCall(await loadSimulator());

  expect(problems).toEqual([]);
  // Each of them was seen: a call that the simulator does not know of would be missing.
  expect([...crashPoints]).toEqual(expect.arrayContaining(changes));
});

const changes = [
  'main: mkdir telemetry',
  'main: open telemetry/buffer.msgpack',
  'main: write telemetry/buffer.msgpack',
  'main: go on to write telemetry/buffer.msgpack',
  'sender: open telemetry/lock',
  'sender: write telemetry/lock',
  'sender: rename telemetry/lock telemetry/lock.tmp',
  'sender: unlink telemetry/lock.tmp',
  'sender: utimes telemetry/lock',
  'sender: rename telemetry/buffer.msgpack telemetry/claim',
  'sender: open telemetry/ledger.json.tmp',
  'sender: write telemetry/ledger.json.tmp',
  'sender: fsync telemetry/ledger.json.tmp',
  'sender: rename telemetry/ledger.json.tmp telemetry/ledger.json',
  'sender: unlink telemetry/claim',
  'sender: POST',
  // The report has arrived, and its answer has not been looked at.
  'sender: arrival',
  'sender: open telemetry/receipts.jsonl.tmp',
  'sender: fsync telemetry/receipts.jsonl.tmp',
  'sender: rename telemetry/receipts.jsonl.tmp telemetry/receipts.jsonl',
  'sender: unlink telemetry/lock',
];
