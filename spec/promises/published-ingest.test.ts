import { expect, test } from 'vitest';
import {
  clientNames,
  cliNames,
  durationBuckets,
  fileCountBuckets,
  installKinds,
  installScopes,
  languages,
  targets,
  toolNames,
} from '../../contract/report/lists.ts';
import { dayOf } from '../../contract/day.ts';
import type { Frame, FrameCounter, FrameEvent } from '../../contract/frame.ts';
import { maxCount, maxLanguages } from '../../contract/limits.ts';
import { builtSenderThread, homeWith, taskOf } from '../support/flushes.ts';
import { frameOf, queries } from '../support/frames.ts';
import { type Received, startLoopback, status } from '../support/ingest.ts';
import { machine } from '../support/requests.ts';
import { readVectors } from '../support/vectors.ts';
import { bookedDay, judge, type Verdict } from './published-rules.ts';

const { flush } = await builtSenderThread();
// Shortly after midnight: noon of the day that has begun is far ahead.
const now = Date.parse('2026-11-23T00:05:00Z');
const today = dayOf(now);

// Every name that a report can carry, at full length.
const counters: readonly FrameCounter[] = [
  ...cliNames.map((name): FrameCounter => [0, name, maxCount, maxCount]),
  ...toolNames.map((name): FrameCounter => [1, name, 1, 0]),
  ...clientNames.map((client): FrameCounter => [1, 'other', 1, 0, client, '999.999']),
];
const events: readonly FrameEvent[] = [
  ...fileCountBuckets.map((bucket, at): FrameEvent => [
    'index',
    {
      languages: at === 0 ? languages.slice(0, maxLanguages) : languages.slice(-maxLanguages),
      file_count_bucket: bucket,
      duration_bucket: durationBuckets[at] ?? '<10s',
    },
  ]),
  ...installKinds.flatMap((kind) =>
    installScopes.map((scope): FrameEvent => ['install', { targets, scope, kind }]),
  ),
  ['uninstall', { targets }],
  ['uninstall', { targets: [] }],
];

/** What our client sends of these frames, with a long version. */
async function send(...frames: readonly Frame[]): Promise<readonly Received[]> {
  const { url, received } = await startLoopback(status(204));
  const codegraph_version = '999.999.999-canary.999';
  const task = taskOf(homeWith(...frames), now, url, {
    machine: { ...machine, codegraph_version },
  });
  expect(await flush(task)).toMatchObject({ outcome: 'sent' });
  return received;
}

function post(body: unknown): Verdict {
  const text = JSON.stringify(body);
  return judge({
    method: 'POST',
    headers: { 'content-length': String(Buffer.byteLength(text)) },
    body: text,
  });
}

test('the published ingest would take all that our client can say, and leave nothing out', async () => {
  const received = await send(frameOf(today - 1, counters), frameOf(today, [], { events }));
  for (const request of received) expect(judge(request)).toEqual({ status: 204, losses: [] });
  const text = received.map(({ body }) => body).join('\n');
  const names = [...cliNames, ...toolNames, ...clientNames, ...languages, ...targets];
  expect(names.filter((name) => !text.includes(`"${name}"`))).toEqual([]);
});

test('the published ingest would book events of our client on their days', async () => {
  const received = await send(
    frameOf(today - 29, [queries(1)]),
    frameOf(today - 1, [queries(1)]),
    frameOf(today, [], { events: events.slice(-1) }),
  );
  const times = received.flatMap(({ body }) => body.match(/(?<="ts":")[^"]+/g) ?? []);
  const days = times.map((ts) => ts.slice(0, 10));
  expect(days.toSorted()).toEqual(['2026-10-25', '2026-11-22', '2026-11-23']);
  expect(times.map((ts) => bookedDay(ts, now))).toEqual(days);
});

test.each(readVectors('published-client'))('it takes $file of its own client', ({ vector }) => {
  expect(post(vector)).toEqual({ status: 204, losses: [] });
});

const report = {
  machine_id: 'e0f087a2-15fa-4a29-b614-2d43b12089a9',
  codegraph_version: '1.6.1',
  os: 'linux',
  arch: 'x64',
  node_major: 24,
  ci: false,
  schema_version: 2,
};
const usage = {
  event: 'usage_rollup',
  ts: '2026-11-22T12:00:00.000Z',
  props: { kind: 'cli_command', name: 'query', count: 1, error_count: 0 },
};
const withProps = (props: object): object => ({
  ...report,
  events: [{ ...usage, props: { ...usage.props, ...props } }],
});

test.each<[what: string, body: object, losses: readonly string[]]>([
  ['a good report', withProps({}), []],
  ['a bad version', { ...withProps({}), codegraph_version: '1 6' }, ['codegraph_version']],
  ['an unknown field', withProps({ cwd: '/' }), ['events.0.props.cwd']],
  ['a high count', withProps({ count: 1_000_001 }), ['events.0.props.count']],
])('it finds fault with %s', (_, body, losses) => {
  expect(post(body)).toEqual({ status: 204, losses });
});
