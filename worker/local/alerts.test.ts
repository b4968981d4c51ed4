import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { closeStages, openStage, reportOf } from './stage.ts';

afterEach(closeStages);

/** A webhook that remembers what it was told. */
async function openWebhook(): Promise<{ readonly url: string; readonly told: readonly string[] }> {
  const told: string[] = [];
  const server = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => told.push(text));
    request.on('end', () => response.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, told };
}

test('a key that PostHog does not know is told once a day, and makes health bad', async () => {
  const { url, told } = await openWebhook();
  const { ingest } = await openStage({ variables: { ALERT_URL: url } }, { knownKey: 'phc_other' });
  await ingest.runRound();
  await ingest.runRound();
  expect(told.map((text) => JSON.parse(text).reason)).toEqual(['key_refused']);
  const response = await fetch(`${ingest.url}/v1/health`);
  expect([response.status, await response.json()]).toEqual([503, { ok: false }]);
});

test('refusals are counted and told, although nothing is stored after them', async () => {
  const { url, told } = await openWebhook();
  const { ingest, post } = await openStage({ variables: { ALERT_URL: url } });
  for (let count = 0; count < 101; count++) await post('no report');
  await ingest.waitForSum('received', 101, 20_000);
  await ingest.runRound();
  expect(told.map((text) => JSON.parse(text).reason)).toEqual(['refused']);
});

/** A port that nothing listens on. */
async function findPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test('the canary crosses the network where a public address is set', async () => {
  const port = await findPort();
  const variables = { PUBLIC_URL: `http://127.0.0.1:${port}` };
  const { ingest } = await openStage({ port, variables });
  await ingest.runRound();
  await ingest.waitForSum('canary_arrived', 2, 20_000);
  const signs = await ingest.query(`SELECT key FROM signs WHERE key LIKE 'canary_%' ORDER BY key`);
  expect(signs.map(({ key }) => key)).toEqual(['canary_arrived', 'canary_crossed', 'canary_sent']);
  const [ci] = await ingest.query('SELECT count(*) AS cells FROM cells');
  expect(ci).toEqual({ cells: 0 });
});

test('a report that only its own store takes is still one report', async () => {
  const { ingest, post } = await openStage({ variables: { SINK: 'both' } });
  await post(reportOf(3));
  await ingest.waitForSum('stored', 3, 20_000);
  const rows = await ingest.query(
    `SELECT sink, events FROM spending WHERE length(period) = 10 ORDER BY sink`,
  );
  expect(rows).toEqual([
    { sink: 'd1', events: 3 },
    { sink: 'posthog', events: 3 },
  ]);
});
