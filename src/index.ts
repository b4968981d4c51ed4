/**
 * `codegraph-telemetry`: counts in the host's process, and has a thread do the rest. `/engine` is a name
 * of the same module, so that a command of the engine reads one file.
 */
export type { Consent, ConsentOverrides, ConsentPaths, DecidedBy } from '../contract/consent.ts';
export type { ChoiceSource, Mode } from '../contract/choice-file.ts';
export type { FlushResult } from '../contract/flush.ts';
export type { CounterKind } from '../contract/report/lists.ts';
export type { ChoiceResult } from './consent/choose.ts';
export type { StoredMode } from './consent/store-choice.ts';
export { decidedByWords } from './consent/words.ts';
export type { Client } from './counting/counters.ts';
export type { LifecycleFacts, LifecycleName } from './counting/lifecycle.ts';
export {
  openEngineTelemetry,
  type EngineStatus,
  type EngineTelemetry,
  type EngineTelemetryModule,
  type IndexedGraph,
  type IndexResult,
} from './engine/engine-telemetry.ts';
export {
  openTelemetry,
  type CountOptions,
  type Environment,
  type Telemetry,
  type TelemetryOptions,
  type TelemetryStatus,
} from './telemetry.ts';
