import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConsentPaths } from '../../contract/consent.ts';
import { clientNames, toolNames } from '../../contract/report/lists.ts';
import type { DayNumber } from '../../contract/day.ts';
import { bufferFile, choiceFileName, ledgerFile, spoolFolder } from '../../contract/files.ts';
import type { FlushTask } from '../../contract/flush.ts';
import type { Frame } from '../../contract/frame.ts';
import { type Ledger, parseLedger } from '../../contract/ledger.ts';
import { bufferOf, frameOf } from './frames.ts';
import type { Received } from './ingest.ts';
import type * as senderThread from '../../sender-thread/index.ts';
import type * as packedImage from '../../sender-thread/packed-image.ts';
import { machine } from './requests.ts';
import { temporaryPaths } from './home.ts';

/** The sender thread as it is published, without the thread. */
export async function builtSenderThread(): Promise<typeof senderThread & typeof packedImage> {
  const url = new URL('../../dist/thread.mjs', import.meta.url).href;
  return (await import(/* @vite-ignore */ url)) as typeof senderThread & typeof packedImage;
}

/** A machine whose owner has said yes, with these frames in its buffer. */
export function homeWith(...frames: readonly Frame[]): ConsentPaths {
  const paths = temporaryPaths();
  choose(paths, { enabled: true });
  if (frames.length > 0) append(paths, ...frames);
  return paths;
}

/** Appends frames to the buffer, as an exiting process does. */
export function append({ dataDir }: ConsentPaths, ...frames: readonly Frame[]): void {
  mkdirSync(join(dataDir, spoolFolder), { recursive: true, mode: 0o700 });
  writeFileSync(join(dataDir, bufferFile), bufferOf(...frames), { flag: 'a', mode: 0o600 });
}

/** Stores a choice as a person or the engine might write it; undefined deletes it. */
export function choose({ dataDir }: ConsentPaths, choice: object): void {
  writeFileSync(join(dataDir, choiceFileName), JSON.stringify(choice));
}

/** The ledger on the disk; undefined when there is none that can be read. */
export function ledgerIn({ dataDir }: ConsentPaths): Ledger | undefined {
  const path = join(dataDir, ledgerFile);
  return existsSync(path) ? parseLedger(readFileSync(path, 'utf8')) : undefined;
}

/** A day with more identities than one report can hold. */
export function crowdedDay(day: DayNumber): Frame {
  const names = clientNames
    .slice(0, 40)
    .flatMap((name) => toolNames.slice(0, 4).map((tool) => [tool, name] as const));
  return frameOf(
    day,
    names.map(([tool, name]) => [1, tool, 1, 0, name]),
  );
}

/** The ids in a report as it arrived: its own, then those of its events. */
export function idsIn({ body }: Received): readonly string[] {
  const { batch_id, events } = JSON.parse(body) as {
    readonly batch_id: string;
    readonly events: readonly { readonly event_id: string }[];
  };
  return [batch_id, ...events.map(({ event_id }) => event_id)];
}

let owners = 0;

/** A flush of this machine at this moment. */
export function taskOf(
  paths: ConsentPaths,
  now: number,
  endpoint: URL | string,
  more: Partial<FlushTask> = {},
): FlushTask {
  return {
    paths,
    overrides: { doNotTrack: undefined, codegraphTelemetry: undefined, hasFlag: false },
    endpoint: String(endpoint),
    machine,
    network: { proxyEnv: undefined, usesSystemCa: false },
    now,
    deadlineMs: 5_000,
    handover: new SharedArrayBuffer(4),
    flushId: `flushId${++owners}`,
    ...more,
  };
}
