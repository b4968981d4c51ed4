import { randomUUID } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { tables } from '../test/tables.ts';
import { closeStages, openStage, reportOf } from './stage.ts';

afterEach(closeStages);

// Planted wherever a report or its carrier has room for text. None may come out anywhere.
const canary = {
  address: '203.0.113.77',
  agent: 'canary-agent',
  cookie: 'canary-cookie',
  query: 'canary-query',
  value: 'canary-value',
  key: 'canary_key',
  path: '/home/canary-user/project',
};

const headers = {
  'cf-connecting-ip': canary.address,
  'x-forwarded-for': canary.address,
  'x-real-ip': canary.address,
  'true-client-ip': canary.address,
  'user-agent': canary.agent,
  cookie: `session=${canary.cookie}`,
  referer: `https://example.org/${canary.path}`,
};

const { value, key, path } = canary;
const planted = {
  ts: new Date().toISOString(),
  [key]: value,
  props: {
    kind: 'cli_command',
    name: path,
    count: 1,
    error_count: 0,
    client_name: value,
    client_version: `1.2.${value}`,
    [key]: value,
    languages: [value, 'go'],
    targets: [path],
    scope: 'global',
    file_count_bucket: value,
  },
};

const bodies = [
  ...['usage_rollup', 'index', 'uninstall', 'install', value, '__proto__'].map((event) => ({
    ...reportOf(0),
    codegraph_version: `1.0.0-${value}`,
    os: value,
    arch: path,
    node_major: value,
    ci: value,
    [key]: value,
    events: [{ ...planted, event }, { event, ts: value, event_id: value, props: value }, value],
  })),
  { machine_id: value, events: [] },
  value,
  { [key]: value },
];

test('nothing that was planted in requests comes out in logs, in bytes sent, or in tables', async () => {
  let requests = 0;
  let isKeyWrong = false;
  const { ingest, posthog, post, logs } = await openStage(
    // A demo publishes without rules, which is the worst case.
    { variables: { RETRY_BASE_SECONDS: 0, SINK: 'both', PUBLIC_STATS: 'demo' } },
    // Failures make it talk: let it see every kind.
    { fail: () => (isKeyWrong ? 401 : [503, 503, 400, 413][requests++]) },
  );
  const machines: string[] = [];
  for (const body of bodies) {
    for (let round = 0; round < 5; round++) {
      const machine = randomUUID();
      machines.push(machine);
      const own = typeof body === 'object' && 'machine_id' in body && body.machine_id !== value;
      await post(own ? { ...body, machine_id: machine } : body, headers, `?${canary.query}`);
    }
  }
  await post(`{"${value}"`, { ...headers, 'content-type': 'text/plain' });
  await post(reportOf(1), { ...headers, 'content-encoding': value });
  await posthog.waitForEvents(15, 30_000);
  await ingest.waitForSum('stored', 15, 30_000);
  isKeyWrong = true;
  await post(reportOf(1), headers);
  await ingest.waitForLog('sink_misconfigured', 10_000);

  expect(logs.map((line) => JSON.parse(line).reason)).toEqual(
    expect.arrayContaining(['sink_unavailable', 'sink_misconfigured']),
  );
  await ingest.runRound();
  const contents = await Promise.all(tables.map((table) => ingest.query(`SELECT * FROM ${table}`)));
  expect(JSON.stringify(contents)).toContain('/v1/stats.json');
  const everything = JSON.stringify([posthog.requests, logs, contents]);
  for (const secret of [...Object.values(canary), ...machines]) {
    expect(everything).not.toContain(secret);
  }
});
