import { existsSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { claimPrefix, bufferFile, ledgerFile, lockFile } from '../../contract/files.ts';
import { parseLedger } from '../../contract/ledger.ts';
import { lockStaleMs } from '../../contract/limits.ts';
import { run } from '../support/programs.ts';
import { dayMs, minuteMs } from '../support/clock.ts';
import { settings } from '../support/command.ts';
import { type TestHome } from '../support/home.ts';
import { listFiles } from '../support/list-files.ts';
import { writeHost } from '../support/host.ts';
import { type Counted, countingAs, judge, readCounted, type Verdict } from './counts.ts';
import { preload } from '../support/paths.ts';

/** How long nobody comes, so that locks are stale and claims final; by the clock, not by waiting. */
const restMs = 5 * minuteMs;

/**
 * The good days after: everybody has ended, the ingest answers, days go by, and somebody counts once
 * more and flushes until nothing waits. Then what has arrived is what was counted. Anything that is
 * left in the spool, or lost for a reason, is a problem as well. `uid` is the home's owner, if that is
 * another user.
 */
export async function deliverAll(
  home: TestHome,
  now: number,
  consent: NodeJS.ProcessEnv,
  counted: readonly Counted[],
  taken: readonly string[],
  uid?: number,
): Promise<Verdict> {
  const body = `
    count(1);
    persist();
    let at = ${now + dayMs};
    const later = openTelemetry({ version: '1.6.1', now: () => at });
    void later.warmUp();
    const outcomes = [];
    for (; outcomes.at(-1) !== 'nothing-to-send' && outcomes.length < 60; at += ${dayMs / 4}) {
      outcomes.push((await later.flush({ timeoutMs: 20_000 })).outcome);
    }
    say(outcomes.join(' '));
    await later.close();`;
  const env = { ...consent, NODE_OPTIONS: `${preload('wrong-clock.mjs')}?ms=${2 * restMs}` };
  const program = writeHost(home, countingAs(lastName) + body, now);
  const ended = await run(process.execPath, [program], {
    ...settings(home, { env }),
    ...(uid !== undefined && { uid }),
  });
  const verdict = judge([...counted, readCounted(lastName, ended)], taken);
  const left = leftIn(home);
  if (ended.code !== 0 || ended.stderr !== '')
    left.push(`ended with ${ended.code}: ${ended.stderr}`);
  if (left.length > 0) left.push(`the last flushes: ${ended.stdout}`);
  return { ...verdict, problems: [...left, ...verdict.problems] };
}

/** None that `nameOf` gives. */
const lastName = 'codegraph_explore zed 0.1';

/** What time does to the lock of a flusher that was killed. Nobody else may be alive. */
export function ageLock({ folder }: TestHome): void {
  const path = join(folder, lockFile);
  const old = new Date(Date.now() - 2 * lockStaleMs);
  if (existsSync(path)) utimesSync(path, old, old);
}

function leftIn({ folder, spool }: TestHome): string[] {
  const claims = listFiles(spool).filter((name) => name.startsWith(claimPrefix));
  const left = existsSync(join(folder, bufferFile)) ? ['a buffer', ...claims] : claims;
  if (!existsSync(join(folder, ledgerFile))) return left;
  const ledger = parseLedger(readFileSync(join(folder, ledgerFile), 'utf8'));
  if (ledger === undefined) return [...left, 'a damaged ledger'];
  // A frame that was cut off by a kill is damage, and only that.
  const { damaged_bytes: _damage, ...lost } = ledger.lost;
  return [
    ...left,
    ...Object.keys(ledger.days).map((day) => `open day ${day}`),
    ...ledger.reports.map(({ day }) => `a report of ${day}`),
    ...Object.entries(lost).flatMap(([why, count]) => (count > 0 ? [`lost: ${count} ${why}`] : [])),
  ];
}
