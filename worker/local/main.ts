import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { fillDemo } from './demo.ts';
import { startPostHogStandIn } from './posthog-stand-in.ts';
import { startIngest } from './start-ingest.ts';

/**
 * `npm run ingest [-- --port <n>] [-- --sink posthog|d1|both] [-- --demo]`: the ingest and a stand-in
 * for PostHog, until Ctrl-C; then, with a store of its own, the cells that it holds. With `--demo`, half a
 * year of generated machines and the address of the page that shows them.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8787' },
    sink: { type: 'string', default: 'posthog' },
    demo: { type: 'boolean', default: false },
  },
});

const posthog = await startPostHogStandIn({
  onEvents: (events) => {
    for (const event of events) console.log(JSON.stringify(event));
  },
});
const ingest = await startIngest({
  port: Number(values.port),
  posthogUrl: posthog.url,
  variables: { SINK: values.sink },
  onLog: (line) => console.error(`ingest: ${line}`),
});
console.log(`The ingest answers at ${ingest.url}; each event that PostHog would get is printed here.
To point a shell at it:

  export CODEGRAPH_TELEMETRY_ENDPOINT=${ingest.url}/v1/events
`);

if (values.demo) {
  console.log(`Statistics of generated machines: ${await fillDemo(ingest, Date.now())}\n`);
}

// Miniflare would end this process on a signal by itself, and leave nothing to be said.
for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal);
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
if (values.sink !== 'posthog' && !values.demo)
  console.table(await ingest.query('SELECT * FROM cells ORDER BY period, metric, machines DESC'));
await ingest.stop();
await posthog.stop();
