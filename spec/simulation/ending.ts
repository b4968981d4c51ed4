import { ledgerFile, spoolFolder } from '../../contract/files.ts';
import { type Ledger, parseLedger } from '../../contract/ledger.ts';
import { startHost } from './programs.ts';
import type { World } from './world.ts';

const day = 86_400_000;

/** Days pass, with a flush now and then, until nothing waits of what the processes have counted. */
export async function deliverAll(world: World): Promise<readonly string[]> {
  const last = world.everybody.length;
  world.pass(day);
  // A claim that somebody left before there was a ledger waits for the next buffer.
  startHost(world, ['count', 'flush and wait']);
  await finish(world);
  // Until the claims are final.
  world.pass(10_000);
  for (let round = 0; round < 9; round++) {
    startHost(world, ['flush and wait']);
    await finish(world);
    if (isSettled(world, last)) return [];
    world.pass(day);
  }
  return ['something waits for ever'];
}

/** Everybody goes on to the end, in turn. */
export async function finish(world: World): Promise<void> {
  for (let round = 0; world.actors.length > 0; round++) {
    if (round === 200) throw new Error(`${world.actors[0]?.name} does not end`);
    for (const actor of world.actors) await world.goOn(actor);
  }
}

/** Nothing waits any more of what the first processes have counted. */
function isSettled(world: World, processes: number): boolean {
  const names = world.list(spoolFolder) ?? [];
  if (names.some((name) => /^(?:buffer|claim-)/.test(name))) return false;
  const ledger = readLedger(world);
  if (ledger === undefined || ledger.sending.stopped) return true;
  const open = Object.values(ledger.days).flatMap(({ usage }) => usage);
  const isOpen = open.some(
    ({ client_version = '0' }) => Number.parseInt(client_version) <= processes,
  );
  return ledger.reports.length === 0 && !isOpen;
}

/** The ledger on the disk, where there is one that can be read. */
export function readLedger(world: World): Ledger | undefined {
  const bytes = world.read(ledgerFile);
  return bytes === undefined ? undefined : parseLedger(Buffer.from(bytes).toString());
}
