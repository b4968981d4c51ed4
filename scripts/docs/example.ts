import { Unpackr } from 'msgpackr/unpack';
import * as v from 'valibot';
import { type Report, report, type ReportEvent } from '../../contract/report/allowlist.ts';
import { type DayNumber, dayOf } from '../../contract/day.ts';
import {
  encodeFrame,
  type Frame,
  type FrameCounter,
  type FrameEvent,
  frameKinds,
  scanFrames,
} from '../../contract/frame.ts';
import type { AbsorbRequest, Reporter } from '../../contract/sandbox.ts';
import { absorb } from '../../spec/support/absorb.ts';
import { exampleReport } from '../../src/command/telemetry/example-report.ts';
import { fence } from './markdown.ts';

/**
 * One example from frame to report, made by the code that makes the real ones, out of the examples
 * that the allowlist gives for its fields.
 */
export function describeExample(): string {
  const example = v.parse(report, exampleReport());
  const day = dayOf(Date.parse(example.events[0]?.ts ?? ''));
  const bytes = encodeFrame(toFrame(example.events, day));
  const claims = [{ name: 'claim-example', bytes, isFinal: true }];
  const rolledUp = absorb({ ...quietRequest(day), claims });
  const sealed = absorb({
    ...quietRequest(day + 1),
    ledger: rolledUp.ledger,
    reporter: toReporter(example),
  });
  const body: unknown = JSON.parse(sealed.reports[0]?.text ?? '');
  return [
    'The payload of a frame: version, day as days since 1970, counters, lifecycle events, and how',
    'many counts found no room.\n',
    fence('text', JSON.stringify(unpack(bytes))),
    `\nThe frame as it stands in the buffer, ${bytes.length} bytes:\n`,
    fence('text', hexDump(bytes)),
    '\nThe ledger when that day was rolled up, and nothing may be sent yet:\n',
    fence('json', rolledUp.ledger),
    '\nThe report on the next day, with line breaks that are not sent:\n',
    fence('json', JSON.stringify(body, undefined, 2)),
  ].join('\n');
}

function toFrame(events: readonly ReportEvent[], day: DayNumber): Frame {
  const counters: FrameCounter[] = [];
  const lifecycle: FrameEvent[] = [];
  for (const { event, props } of events) {
    if (event === 'usage_rollup') {
      const { kind, name, count, error_count, client_name, client_version } = props;
      const client = [client_name, client_version].filter((word) => word !== undefined);
      counters.push([frameKinds[kind], name, count, error_count, ...client]);
    } else {
      lifecycle.push([event, props]);
    }
  }
  return { day, counters, events: lifecycle, dropped: 0 };
}

/** A flush at nine o'clock that may send nothing. */
function quietRequest(today: DayNumber): AbsorbRequest {
  return {
    ledger: null,
    claims: [],
    today,
    now: (today + 0.375) * 86_400_000,
    reporter: null,
    // Not random, so that the page stays the same and everybody sees that these ids are made up.
    randomBytes: Uint8Array.from({ length: 16 * 16 }, (_, at) => 0x11 * (at >> 4)),
  };
}

function toReporter(example: Report): Reporter {
  const { machine_id, schema_version: _, batch_id: __, events: ___, ...machine } = example;
  return { machine, newMachineId: machine_id, inheritedMachineId: null };
}

function unpack(frame: Uint8Array): unknown {
  const [payload] = scanFrames(frame).payloads;
  if (payload === undefined) throw new Error('The example makes no whole frame');
  return new Unpackr({ useRecords: false }).unpack(payload);
}

/** Sixteen bytes a line, with the text beside them. */
function hexDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = Array.from(bytes.subarray(at, at + 16));
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.'));
    lines.push(`${hex.padEnd(47)}  ${text.join('')}`);
  }
  return lines.join('\n');
}
