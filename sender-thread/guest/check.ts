import type { Envelope, Report, ReportEvent } from '../../contract/report/allowlist.ts';
import { schemaVersion } from '../../contract/report/allowlist.ts';
import { type CheckResult, checkReport } from '../../contract/report/check.ts';

/** Puts events into an envelope and holds the whole against the allowlist. */
export function checkEvents(
  envelope: Envelope,
  batchId: string,
  events: readonly ReportEvent[],
): CheckResult {
  // Rebuilt key by key: whatever else the envelope's bearer carries stays behind.
  const { machine_id, codegraph_version, os, arch, node_major, ci } = envelope;
  const report: Report = {
    machine_id,
    codegraph_version,
    os,
    arch,
    node_major,
    ci,
    schema_version: schemaVersion,
    batch_id: batchId,
    events: [...events],
  };
  return checkReport(report);
}
