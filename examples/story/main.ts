/**
 * `npm start`: a real command is counted, checked in the sandbox, sent and accepted, and everybody
 * can watch. Loopback and a temporary folder only. Exits 0 only if what arrived is what was counted.
 */
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startIngest, startPostHogStandIn } from '../../worker/local/index.ts';
import { setStage } from './stage.ts';
import { tellStory } from './story.ts';
import { tapWire } from './wire.ts';

const posthog = await startPostHogStandIn();
const ingest = await startIngest({
  posthogUrl: posthog.url,
  // One machine is shown exactly, which a public page never does.
  variables: { PUBLIC_STATS: 'demo' },
});
const wire = await tapWire(ingest.url);
const stage = setStage(`${wire.url}/v1/events`);
try {
  const isTrue = await tellStory({ stage, wire, posthog, ingest });
  process.exitCode = isTrue ? 0 : 1;
  await ingest.runRound();
  console.log(`\nThe statistics of what was counted: ${await savePage()}`);
  if (process.argv.includes('--keep')) await keep();
} finally {
  stage.clear();
  wire.stop();
  await ingest.stop();
  await posthog.stop();
}

/** The page outlives the ingest that made it. */
async function savePage(): Promise<string> {
  const response = await fetch(`${ingest.url}/stats`);
  if (!response.ok) throw new Error(`no statistics: ${response.status}`);
  const path = join(mkdtempSync(join(tmpdir(), 'codegraph-statistics-')), 'statistics.html');
  writeFileSync(path, await response.text());
  return pathToFileURL(path).href;
}

async function keep(): Promise<void> {
  console.log(`
The statistics are at ${ingest.url}/stats. The ingest and the stand-in go on until Ctrl-C. To point a shell at them:

  export CODEGRAPH_TELEMETRY_ENDPOINT=${ingest.url}/v1/events`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
}
