import { exports } from 'cloudflare:workers';
import { describe, expect, it, test } from 'vitest';
import { formatDay, dayOf } from '../../../contract/day.ts';
import { reportOf, usageOf } from '../../test/reports.ts';

const origin = 'https://ingest.example';

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return exports.default.fetch(`${origin}${path}`, init);
}

function post(machine: string): Promise<Response> {
  const today = formatDay(dayOf(Date.now()));
  return ask('/v1/events', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(reportOf([usageOf({}, { ts: today })], { machine_id: machine })),
  });
}

it('says what it is and how to turn it off', async () => {
  const response = await ask('/');
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  const text = await response.text();
  for (const way of [
    'DO_NOT_TRACK=1',
    'CODEGRAPH_TELEMETRY=0',
    'codegraph telemetry off',
    '--no-telemetry',
    '/etc/codegraph/telemetry.json',
  ]) {
    expect(text).toContain(way);
  }
});

it('shows the allowlist as JSON Schema', async () => {
  const response = await ask('/v1/schema.json');
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/schema+json');
  const schema = await response.json<{ properties: object; additionalProperties: boolean }>();
  expect(schema).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    additionalProperties: false,
    properties: { schema_version: { const: 3 }, events: { maxItems: 100 } },
  });
  expect(JSON.stringify(schema)).toContain('never its arguments');
});

describe('other requests', () => {
  test.each([
    ['GET', '/v1/events', 405, 'POST'],
    ['PUT', '/v1/events', 405, 'POST'],
    ['OPTIONS', '/v1/events', 405, 'POST'],
    ['POST', '/', 405, 'GET, HEAD'],
    ['DELETE', '/v1/schema.json', 405, 'GET, HEAD'],
    ['HEAD', '/', 200, null],
    ['GET', '/v1/events/', 404, null],
    ['POST', '/v2/events', 404, null],
    ['GET', '/constructor', 404, null],
  ])('%s %s is %i', async (method, path, status, allow) => {
    const response = await ask(path, { method });
    expect(response.status).toBe(status);
    expect(response.headers.get('allow')).toBe(allow);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    await response.body?.cancel();
  });
});

it('takes six reports a minute of one machine, and those of another', async () => {
  const statuses: number[] = [];
  // Twelve and one: a new window of the limit may begin among them.
  for (let count = 0; count < 13; count++) {
    const response = await post('11111111-1111-4111-8111-111111111111');
    statuses.push(response.status);
    expect(await response.text()).toBe('');
  }
  expect(statuses.slice(0, 6)).toEqual(Array.from({ length: 6 }, () => 204));
  expect(statuses).toContain(429);
  expect((await post('22222222-2222-4222-8222-222222222222')).status).toBe(204);
});
