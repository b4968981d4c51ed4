/** The ingest on this machine, for `npm start`, `npm run ingest` and tests. Not published. */
export { startPostHogStandIn, type PostHogStandIn, type StandInEvent } from './posthog-stand-in.ts';
export { startIngest, type RunningIngest } from './start-ingest.ts';
