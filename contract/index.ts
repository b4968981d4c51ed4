/** `codegraph-telemetry/contract`: what can leave the machine, as valibot schemas and name lists. */
export {
  envelope,
  indexProps,
  installProps,
  report,
  reportEvent,
  schemaVersion,
  uninstallProps,
  usageProps,
  type Envelope,
  type Report,
  type ReportEvent,
  type UsageProps,
} from './report/allowlist.ts';
export { clientNames, type ClientName } from './fold.ts';
export {
  architectures,
  cliNames,
  commands,
  durationBuckets,
  eventNames,
  fileCountBuckets,
  installKinds,
  installScopes,
  languages,
  operatingSystems,
  targets,
  toolNames,
  tools,
} from './report/lists.ts';
