import { env } from 'cloudflare:workers';
import * as v from 'valibot';
import { expect, it } from 'vitest';
import { envelope, indexProps, usageProps } from '../../../contract/report/allowlist.ts';
import {
  eventNames,
  installKinds,
  installScopes,
  targets,
} from '../../../contract/report/lists.ts';
import { hostileRequests } from '../../test/hostile.ts';
import { openTestServices } from '../../test/services.ts';
import { answer } from './front-door.ts';
import type { FrozenEvent } from './message.ts';

const requests = Number(env.HOSTILE_REQUESTS);
const seed = 20_261_123;

// Written out a second time on purpose: what the ingest may forward, told by no code of its own.
const shared = {
  ...v.partial(envelope).entries,
  schema_version: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(99))),
  sample_rate: v.literal(1),
  $process_person_profile: v.literal(false),
  $geoip_disable: v.literal(true),
  $ip: v.null(),
};
const targetList = v.optional(v.pipe(v.array(v.picklist(targets)), v.maxLength(12)));
const properties = v.union([
  ...usageProps.options.map((option) => v.strictObject({ ...option.entries, ...shared })),
  v.strictObject({ ...v.partial(indexProps).entries, ...shared }),
  v.strictObject({
    targets: targetList,
    scope: v.picklist(installScopes),
    kind: v.picklist(installKinds),
    ...shared,
  }),
  v.strictObject({ targets: targetList, ...shared }),
]);
const uuid = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
);
const forwardable = v.strictObject({
  event: v.picklist(eventNames),
  uuid,
  distinct_id: uuid,
  timestamp: v.pipe(v.string(), v.regex(/^2026-(?:10|11)-\d\dT12:00:00\.000Z$/)),
  properties,
});

it(`forwards nothing outside the allowlist and never fails, in ${requests} hostile requests`, async () => {
  const services = await openTestServices();
  const door = {
    openIngest: async () => services,
    readHealth: async () => ({ ok: true }),
    readPage: async () => undefined,
  };
  const statuses = new Map<number, number>();
  for (const request of hostileRequests(requests, seed)) {
    const { status } = await answer(request, door);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  expect(new Set(statuses.keys())).toEqual(new Set([204, 400, 413]));
  const events: readonly FrozenEvent[] = services.messages.flatMap((message) => message.events);
  expect(events.length).toBeGreaterThan(requests / 2);
  for (const event of events) {
    const plain: unknown = JSON.parse(JSON.stringify(event));
    expect(v.safeParse(forwardable, plain)).toMatchObject({ success: true });
  }
  expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('machine_id');
});
