import { type DayNumber, formatDay } from '../contract/day.ts';
import { encodeFrame, type Frame, type FrameCounter, frameKinds } from '../contract/frame.ts';
import { maxBufferBytes } from '../contract/limits.ts';
import { commands, tools } from '../contract/report/lists.ts';

/** What lies in the buffer when a flush or an exit comes. */
export type Load = 'empty' | 'machine-day' | '200 KiB' | 'full';

const bytesOf = {
  empty: 0,
  'machine-day': 0,
  '200 KiB': 200 * 1024,
  // A buffer takes no more counters shortly before its end.
  full: maxBufferBytes - 2 * 1024,
} as const satisfies Record<Load, number>;

const clients = [
  ['claude-code', '2.1'],
  ['cursor', '1.7'],
  ['codex', '0.42'],
] as const;

/**
 * One machine-day: 300 commands, a process each, and 5 MCP sessions with 2,000 calls, that append
 * when they end and once before. 360 counters of 44 identities.
 */
function machineDay(day: DayNumber): readonly Frame[] {
  const ofCommands = Array.from({ length: 300 }, (_, run): readonly FrameCounter[] => [
    [frameKinds.cli_command, commands[run % 20]!, 1, run % 37 === 0 ? 1 : 0],
  ]);
  const ofSessions = Array.from({ length: 5 }, (_, session) => {
    const count = (tool: string): FrameCounter => [
      frameKinds.mcp_tool,
      tool,
      33,
      1,
      ...clients[session % clients.length]!,
    ];
    return [tools.slice(0, 4).map(count), tools.map(count)];
  }).flat();
  return [...ofCommands, ...ofSessions].map((counters) => ({
    day,
    counters,
    events: [],
    dropped: 0,
  }));
}

/** The frames of machine-days that end the day before `today`: one, or as many as fill the load. */
function framesOf(load: Load, today: DayNumber, bytesOfFrame: (frame: Frame) => number): Frame[] {
  if (load === 'empty') return [];
  if (load === 'machine-day') return [...machineDay(today - 1)];
  const frames: Frame[] = [];
  let left: number = bytesOf[load];
  for (let day = today - 1; ; day--) {
    for (const frame of machineDay(day)) {
      left -= bytesOfFrame(frame);
      if (left < 0) return frames;
      frames.push(frame);
    }
  }
}

/** The load as bytes of our buffer. */
export function ourBuffer(load: Load, today: DayNumber): Uint8Array {
  const frames = framesOf(load, today, (frame) => encodeFrame(frame).length);
  return Buffer.concat(frames.map(encodeFrame));
}

/** The load as text of the published client's queue: the same counters, a line each. */
export function publishedQueue(load: Load, today: DayNumber): string {
  const frames = framesOf(load, today, (frame) => toLines(frame).length);
  return frames.map(toLines).join('');
}

function toLines({ day, counters }: Frame): string {
  const lines = counters.map(([kind, n, c, e, cn, cv]) =>
    JSON.stringify({ v: 2, d: formatDay(day), k: kindNames[kind], n, c, e, cn, cv }),
  );
  return `${lines.join('\n')}\n`;
}

const kindNames = ['cli_command', 'mcp_tool'] as const;
