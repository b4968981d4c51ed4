import type { ReportEvent } from '../../contract/report/allowlist.ts';
import { findFaults } from '../support/strict-report.ts';
import { identityOf } from './identity.ts';

/** What a client sees of a request: the head of a response, or none within its time. */
export type Answer = 'no reply' | { readonly statusCode: number; readonly headers: object };

/** How the ingest, or whatever stands in its place, treats requests for a while. */
export const moods = [
  'takes',
  'takes twice',
  'takes, and the reply is lost',
  'is lost on the way',
  '429',
  '429, come back in an hour',
  '500',
  '302',
  '400',
  '410',
] as const;
export type Mood = (typeof moods)[number];

/** A receiver that removes what it has already, by `event_id`. */
export class SimulatedIngest {
  mood: Mood = 'takes';
  readonly events = new Map<string, ReportEvent>();
  /** Reports that it has taken, by `batch_id`. */
  readonly taken = new Map<string, string>();
  /** Identities in reports that were refused for good. */
  readonly refused = new Set<string>();
  /** It has said 410: whatever waits then is dropped as well. */
  hasStopped = false;
  /** What must never have been sent. */
  readonly faults: string[] = [];

  receive(text: string): Answer {
    this.faults.push(...findFaults(text));
    const { mood } = this;
    switch (mood) {
      case 'takes':
      case 'takes twice':
        this.#take(text);
        if (mood === 'takes twice') this.#take(text);
        return answer(204);
      case 'takes, and the reply is lost':
        this.#take(text);
        return 'no reply';
      case 'is lost on the way':
        return 'no reply';
      case '429, come back in an hour':
        return answer(429, { 'retry-after': '3600' });
      case '400':
      case '410':
        this.hasStopped ||= mood === '410';
        for (const identity of identitiesIn(parseReport(text))) this.refused.add(identity);
        return answer(Number(mood));
      case '429':
      case '500':
      case '302':
        return answer(Number(mood));
    }
  }

  #take(text: string): void {
    const { batch_id, events } = parseReport(text);
    this.taken.set(batch_id, text);
    for (const event of events) {
      const known = this.events.get(event.event_id);
      if (known !== undefined && JSON.stringify(known) !== JSON.stringify(event)) {
        this.faults.push(`one id for two events: ${event.event_id}`);
      }
      this.events.set(event.event_id, event);
    }
  }
}

function answer(statusCode: number, headers: object = {}): Answer {
  return { statusCode, headers };
}

/** What is in a report's text, which `findFaults` has looked at. */
export function parseReport(text: string): Report {
  return JSON.parse(text) as Report;
}

export interface Report {
  readonly machine_id: string;
  readonly batch_id: string;
  readonly events: readonly ReportEvent[];
}

/** The counts in a report. */
export function identitiesIn({ events }: Report): readonly string[] {
  return events.flatMap(({ event, props }) =>
    event === 'usage_rollup' ? [identityOf(props)] : [],
  );
}
