import type { RequestView } from '../src/ingest/request-view.ts';

export const machineId = 'e0f087a2-15fa-4a29-b614-2d43b12089a9';

/** A body of schema 3 with these events, and with some fields of the envelope replaced. */
export function reportOf(
  events: readonly unknown[],
  replaced: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return {
    machine_id: machineId,
    codegraph_version: '1.6.1',
    os: 'linux',
    arch: 'x64',
    node_major: 24,
    ci: false,
    schema_version: 3,
    batch_id: '0f0e7c1e-6d2f-4d0a-9a51-5b8f5f3f7f11',
    events,
    ...replaced,
  };
}

let lastId = 0;

/** A usage event with an id of its own. */
export function usageOf(
  props: Readonly<Record<string, unknown>> = {},
  replaced: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return {
    event: 'usage_rollup',
    ts: '2026-11-22T12:00:00.000Z',
    event_id: `00000000-0000-4000-8000-${String(++lastId).padStart(12, '0')}`,
    props: { kind: 'cli_command', name: 'query', count: 1, error_count: 0, ...props },
    ...replaced,
  };
}

/** A POST of `body`: an object as JSON, a string as it is. */
export function postOf(body: unknown, replaced: Partial<RequestView> = {}): RequestView {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    method: 'POST',
    path: '/v1/events',
    contentType: 'application/json',
    contentEncoding: null,
    body: new Blob([text]).stream(),
    ...replaced,
  };
}
