import files from 'node:fs';
import { clearNeighbours, findEngineQueues } from '../../contract/clear-spool.ts';
import { dayOf } from '../../contract/day.ts';
import { engineClaimPrefix, engineQueueFile } from '../../contract/files.ts';
import { foldClientName, foldClientVersion, foldName } from '../../contract/fold.ts';
import {
  encodeFrame,
  type Frame,
  type FrameCounter,
  type FrameEvent,
  frameKinds,
} from '../../contract/frame.ts';
import { maxBufferBytes } from '../../contract/limits.ts';
import { readText } from '../../contract/read-file.ts';
import { appendFrames } from '../counting/exit-append.ts';
import type { TelemetryStatus } from '../telemetry.ts';

// As the engine has it: before that, the sender that made a claim may still be at work.
const staleClaimMs = 60 * 60_000;

// A frame takes 8 KiB, and a counter in it some 60 bytes.
const maxCountersPerFrame = 64;

/**
 * Makes frames of what an older engine has counted and not sent, and deletes it. Deleted first: a
 * crash in between loses counts, and doubles none. Where telemetry is off, it is only deleted. Never
 * throws.
 */
export function takeOverQueue({
  consent,
  paths,
}: Pick<TelemetryStatus, 'consent' | 'paths'>): void {
  if (paths === undefined) return;
  try {
    if (consent.mode === 'off') clearNeighbours(paths.dataDir, files);
    else for (const name of findEngineQueues(paths.dataDir, files)) take(paths.dataDir, name);
  } catch {
    // What cannot be read or deleted stays, for the next process and for `off`.
  }
}

function take(dataDir: string, name: string): void {
  const path = `${dataDir}/${name}`;
  const isClaim = name !== engineQueueFile;
  if (isClaim && Date.now() - files.statSync(path).mtimeMs < staleClaimMs) return;
  // A rename that fails means that another process was faster.
  const taken = `${dataDir}/${engineClaimPrefix}${Math.random().toString(36).slice(2)}.jsonl`;
  files.renameSync(path, taken);
  const reading = readText(taken, maxBufferBytes, files);
  files.rmSync(taken, { force: true });
  if (reading.state !== 'read') return;
  const frames = toFrames(reading.text.split('\n').map(parseLine));
  if (frames.length > 0) appendFrames(dataDir, frames);
}

/** What a line of the engine may hold: a total of one day, or an event. */
interface Line {
  readonly [key: string]: unknown;
}

function parseLine(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Line) : undefined;
  } catch {
    return undefined;
  }
}

function toFrames(lines: readonly (Line | undefined)[]): readonly Frame[] {
  const frames: Frame[] = [];
  for (const line of lines) {
    const alone = line && toFrame(line);
    if (alone === undefined || !isWritable(alone)) continue;
    const open = frames.findLastIndex((frame) => canJoin(alone, frame));
    if (open === -1) frames.push(alone);
    else {
      const { counters } = frames[open]!;
      frames[open] = { ...alone, counters: [...counters, ...alone.counters] };
    }
  }
  return frames;
}

function toFrame(line: Line): Frame | undefined {
  const event = readEvent(line);
  const counter = event === undefined ? readCounter(line) : undefined;
  const day = dayIn(event === undefined ? line['d'] : line['ts']);
  if (day === undefined || (event === undefined && counter === undefined)) return undefined;
  return { day, counters: counter ? [counter] : [], events: event ? [event] : [], dropped: 0 };
}

/** Counters of a day share a frame, as many as have room. An event, of any length, has one of its own. */
function canJoin({ day, events }: Frame, frame: Frame): boolean {
  const hasEvent = events.length > 0 || frame.events.length > 0;
  return !hasEvent && frame.day === day && frame.counters.length < maxCountersPerFrame;
}

/** Whether a frame can hold it: the queue is deleted by now, and one odd line must not cost the others. */
function isWritable(frame: Frame): boolean {
  try {
    return encodeFrame(frame).length > 0;
  } catch {
    // A negative number, a text that is not ASCII, and the like.
    return false;
  }
}

function readCounter({ k, n, c, e, cn, cv }: Line): FrameCounter | undefined {
  if (k !== 'cli_command' && k !== 'mcp_tool') return undefined;
  if (!Number.isSafeInteger(c) || !Number.isSafeInteger(e)) return undefined;
  const client = typeof cn === 'string' ? [foldClientName(cn)] : [];
  const version =
    typeof cn === 'string' && typeof cv === 'string' ? foldClientVersion(cv) : undefined;
  return [
    frameKinds[k],
    foldName(k, n),
    c as number,
    e as number,
    ...client,
    ...(version === undefined ? [] : [version]),
  ];
}

/** Its props are the allowlist's business: what is none of ours is dropped at sealing. */
function readEvent({ ev, props }: Line): FrameEvent | undefined {
  if (ev !== 'index' && ev !== 'install' && ev !== 'uninstall') return undefined;
  return typeof props === 'object' && props !== null ? [ev, props as FrameEvent[1]] : undefined;
}

function dayIn(value: unknown): Frame['day'] | undefined {
  const instant = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(instant) ? undefined : dayOf(instant);
}
