/**
 * The sender thread. Its task lists the steps of a flush; each step is a file of that name, and
 * README.md tells the races between processes.
 */
import files from 'node:fs';
import { clearIfTurnedOff } from '../contract/clear-spool.ts';
import { type Consent, decideConsent, maySend } from '../contract/consent.ts';
import { dayOf } from '../contract/day.ts';
import { whyUnusable } from '../contract/endpoint.ts';
import { lockFile, spoolFolder } from '../contract/files.ts';
import type { FlushResult, FlushTask, PreviewResult, PreviewTask } from '../contract/flush.ts';
import { isNewerLedger } from '../contract/ledger.ts';
import { absorbInParts } from './absorb-in-parts.ts';
import { takeClaims } from './claim.ts';
import { drawIds } from './draw-ids.ts';
import { readLedger } from './ledger.ts';
import { FlushLost, Lock } from './lock.ts';
import { unpackImage } from './packed-image.ts';
import { runPreview } from './preview.ts';
import { loadSandboxImage, type SandboxImage } from './sandbox.ts';
import { sendReports } from './send-reports.ts';
import { tightenModes } from './tighten-modes.ts';

const newerLedger =
  'a newer version of codegraph has written the ledger, and this one leaves it alone';

// Read and compiled once a thread: warming up is of use only if what it made is kept.
let image: Promise<SandboxImage> | undefined;

function openImage(engine?: WebAssembly.Module): Promise<SandboxImage> {
  image ??= loadSandboxImage(unpackImage(), engine);
  return image;
}

/**
 * Makes the sandbox ready before it is needed, with the engine that an earlier thread has compiled,
 * if it is given. Reads no file. Returns the engine.
 */
export async function warmUp(engine?: WebAssembly.Module): Promise<WebAssembly.Module> {
  const { module } = await openImage(engine);
  return module;
}

/**
 * One flush. Never rejects: what goes wrong is an outcome, and the counts stay in the spool for a
 * better day. Touches the spool and the network, each only where consent allows it.
 */
export async function flush(task: FlushTask): Promise<FlushResult> {
  const result = await runSteps(task).catch(describeFailure);
  try {
    // A choice to be off may have come while this flush wrote: then what it wrote goes as well.
    const consent = readConsent(task);
    clearIfTurnedOff(consent, task.paths.dataDir, files);
    return consent.mode === 'off' ? { ...nothing('off'), ...sentBy(result) } : result;
  } catch (error) {
    return { ...describeFailure(error), ...sentBy(result) };
  }
}

function describeFailure(error: unknown): FlushResult {
  const outcome = error instanceof FlushLost ? 'lost' : 'failed';
  return { ...nothing(outcome), detail: String(error) };
}

function sentBy({ sentReports, sentEvents }: FlushResult): Omit<FlushResult, 'outcome'> {
  return { sentReports, sentEvents };
}

/** What a flush would send. @throws when the package is damaged or a file cannot be read. */
export async function preview(task: PreviewTask): Promise<PreviewResult> {
  return await runPreview(await openImage(), task);
}

async function runSteps(task: FlushTask): Promise<FlushResult> {
  const { paths, flushId, now } = task;
  const consent = readConsent(task);
  if (consent.mode === 'off') return nothing('off');
  const spool = `${paths.dataDir}/${spoolFolder}`;
  if (!files.existsSync(spool)) return nothing('nothing-to-send');
  const lock = Lock.take(`${paths.dataDir}/${lockFile}`, flushId, new Int32Array(task.handover));
  if (lock === undefined) return nothing('busy');
  try {
    tightenModes(spool);
    const ledger = readLedger(paths.dataDir);
    if (ledger !== null && isNewerLedger(ledger))
      return { ...nothing('failed'), detail: newerLedger };
    const claims = lock.commit(() => takeClaims(paths.dataDir, flushId));
    if (claims.length === 0 && ledger === null) return nothing('nothing-to-send');
    const flaw = whyUnusable(task.endpoint);
    const mayReport = maySend(consent, now) && flaw === undefined;
    const request = { ledger, claims, today: dayOf(now), now, ...drawIds(task, mayReport) };
    const absorbed = await absorbInParts(await openImage(), request, lock, paths.dataDir, flushId);
    if (flaw !== undefined) return { ...nothing('failed'), detail: `the endpoint: ${flaw}` };
    return await sendReports(await openImage(), new URL(task.endpoint), task, lock, absorbed);
  } finally {
    lock.release();
  }
}

function readConsent({ overrides, paths }: FlushTask): Consent {
  return decideConsent(overrides, paths, files);
}

function nothing(outcome: FlushResult['outcome']): FlushResult {
  return { outcome, sentReports: 0, sentEvents: 0 };
}
