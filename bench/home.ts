import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { dayOf } from '../contract/day.ts';
import { bufferFile, choiceFileName, spoolFolder } from '../contract/files.ts';
import { type Load, ourBuffer, publishedQueue } from './workload.ts';

/** A temporary home of a user who said yes, with a load for either client to deal with. */
export interface Home {
  readonly env: NodeJS.ProcessEnv;
  /** Our buffer, and the published client's queue. */
  readonly buffer: string;
  readonly queue: string;
  /** Puts the load in place and drops what else was there. */
  load(load: Load): void;
  /** Keeps a copy of a file for as long as the home stands; returns its path. */
  keep(file: string): string;
  remove(): void;
}

// A port where nobody listens: nothing that is measured here may leave the machine.
const nowhere = 'http://127.0.0.1:9/v1/events';

export function makeHome(endpoint: string = nowhere): Home {
  const home = mkdtempSync(join(tmpdir(), 'codegraph-bench-'));
  const folder = join(home, '.codegraph');
  const queue = join(folder, 'telemetry-queue.jsonl');
  const buffer = join(folder, bufferFile);
  const loads: { [Key in Load]?: ReturnType<typeof makeLoad> } = {};
  return {
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      USERPROFILE: home,
      CODEGRAPH_TELEMETRY_ENDPOINT: endpoint,
      CODEGRAPH_NO_UPDATE_CHECK: '1',
    },
    buffer,
    queue,
    load: (load) => {
      rmSync(join(folder, spoolFolder), { recursive: true, force: true });
      rmSync(queue, { force: true });
      mkdirSync(dirname(buffer), { recursive: true, mode: 0o700 });
      writeFileSync(join(folder, choiceFileName), choiceText());
      // An empty buffer is no file at all, as after a flush.
      if (load === 'empty') return;
      const made = (loads[load] ??= makeLoad(load));
      writeFileSync(buffer, made.buffer, { mode: 0o600 });
      writeFileSync(queue, made.queue);
    },
    keep: (file) => {
      const copy = join(home, 'kept');
      copyFileSync(file, copy);
      return copy;
    },
    remove: () => {
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function makeLoad(load: Load): { readonly buffer: Uint8Array; readonly queue: string } {
  const today = dayOf(Date.now());
  return { buffer: ourBuffer(load, today), queue: publishedQueue(load, today) };
}

/** A yes as the engine stores it, for both to read. */
function choiceText(): string {
  return JSON.stringify({
    enabled: true,
    machine_id: '00000000-0000-4000-8000-000000000000',
    consent_source: 'cli',
    first_run_notice_shown: true,
    updated_at: new Date().toISOString(),
  });
}
