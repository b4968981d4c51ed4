import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, it, test } from 'vitest';
import { formatDay, dayOf } from '../../../contract/day.ts';
import { reportOf, usageOf } from '../../test/reports.ts';
import worker from '../index.ts';

const allowedHeaders = ['content-type', 'content-encoding'];
const allowedFields = ['method', 'url', 'headers', 'body'];

/** A request that throws when anything is asked of it that could tell who sent it. */
function poisoned(url: string, init: RequestInit): Parameters<typeof worker.fetch>[0] {
  const request = new Request(url, init);
  const headers = new Proxy(request.headers, {
    get(target, name) {
      if (name !== 'get') throw new Error(`headers.${String(name)} was read`);
      return (header: string): string | null => {
        if (!allowedHeaders.includes(header)) throw new Error(`header ${header} was read`);
        return target.get(header);
      };
    },
  });
  // The cast hides that a proxy has no `cf` of its own; reading it throws, which is the point.
  return new Proxy(request, {
    get(target, name) {
      if (name === 'headers') return headers;
      if (!allowedFields.includes(String(name))) throw new Error(`${String(name)} was read`);
      return Reflect.get(target, name, target);
    },
    has(_, name) {
      throw new Error(`${String(name)} was looked for`);
    },
    ownKeys() {
      throw new Error('all fields were looked at');
    },
  }) as Parameters<typeof worker.fetch>[0];
}

const good = JSON.stringify(reportOf([usageOf({}, { ts: formatDay(dayOf(Date.now())) })]));

test.each([
  ['a good report', '/v1/events', 'POST', good, 204],
  ['garbage', '/v1/events', 'POST', 'garbage', 400],
  ['a report without a machine', '/v1/events', 'POST', '{"events":[]}', 400],
  ['another method', '/v1/events', 'PUT', good, 405],
  ['the page', '/', 'GET', undefined, 200],
  ['the schema', '/v1/schema.json', 'GET', undefined, 200],
  ['health', '/v1/health', 'GET', undefined, 200],
  ['nothing', '/nothing', 'GET', undefined, 404],
])('answers %s without looking at who asks', async (_, path, method, body, status) => {
  const request = poisoned(`https://ingest.example${path}`, {
    method,
    ...(body === undefined ? {} : { body }),
    headers: { 'content-type': 'application/json', 'cf-connecting-ip': '203.0.113.7' },
  });
  expect((await worker.fetch(request, env, createExecutionContext())).status).toBe(status);
});

it('would notice if it did', () => {
  const request = poisoned('https://ingest.example/', {});
  expect(() => request.headers.get('cf-connecting-ip')).toThrow('was read');
  expect(() => request.cf).toThrow('was read');
  expect(() => [...request.headers]).toThrow('was read');
});
