import type { FrozenEvent } from '../src/ingest/message.ts';

/** A frozen event with a uuid made of a number. */
export function eventNumbered(number: number): FrozenEvent {
  return {
    event: 'usage_rollup',
    uuid: `00000000-0000-8000-8000-${String(number).padStart(12, '0')}`,
    distinct_id: '00000000-0000-8000-8000-000000000000',
    timestamp: '2026-11-22T12:00:00.000Z',
    properties: { kind: 'cli_command', name: 'query', count: 1, error_count: 0, $ip: null },
  };
}

export function eventsNumbered(from: number, to: number): readonly FrozenEvent[] {
  return Array.from({ length: to - from + 1 }, (_, index) => eventNumbered(from + index));
}
