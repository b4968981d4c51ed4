import { type Frame, encodeFrame, frameHeaderBytes } from '../../contract/frame.ts';
import { parseDay } from '../../contract/day.ts';
import { fence } from './markdown.ts';

const day = '2026-11-21';
const frame: Frame = {
  day: parseDay(day)!,
  counters: [[0, 'query', 3, 1]],
  events: [],
  dropped: 0,
};

/** The bytes of a small frame, part by part, as the encoder writes them. */
export function describeFrame(): string {
  const bytes = encodeFrame(frame);
  const payload = bytes.subarray(frameHeaderBytes);
  // Of the payload: an array of five, each with its own bytes.
  const parts: readonly (readonly [bytes: Uint8Array, meaning: string])[] = [
    [bytes.subarray(0, 1), 'mark: no other msgpack byte has this value'],
    [bytes.subarray(1, 5), `length of the payload: ${payload.length} bytes`],
    [bytes.subarray(5, frameHeaderBytes), 'CRC-32 of the payload'],
    [payload.subarray(0, 1), 'payload, in msgpack: a list of five'],
    [payload.subarray(1, 2), 'version of the format'],
    [payload.subarray(2, 5), `day: ${frame.day} days after 1970-01-01 is ${day}`],
    [payload.subarray(5, 6), 'list of one counter'],
    [payload.subarray(6, -2), 'command (0), `query`, used 3 times, 1 error'],
    [payload.subarray(-2, -1), 'list of no events'],
    [payload.subarray(-1), 'counts dropped: 0'],
  ];
  const lines = parts.map(([part, meaning]) => `${hexOf(part).padEnd(29)}  ${meaning}`);
  return fence('text', lines.join('\n'));
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
