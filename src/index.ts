/** `codegraph-telemetry`: counts in the host's process, and has a thread do the rest. */
export type { Consent, ConsentPaths, DecidedBy } from '../contract/consent.ts';
export type { Mode } from '../contract/choice-file.ts';
export type { FlushResult } from '../contract/flush.ts';
export type { CounterKind } from '../contract/report/lists.ts';
export type { Client } from './counting/counters.ts';
export type { LifecycleFacts, LifecycleName } from './counting/lifecycle.ts';
export { showNotice } from './consent/notice.ts';
export {
  openTelemetry,
  type CountOptions,
  type Telemetry,
  type TelemetryOptions,
} from './telemetry.ts';
