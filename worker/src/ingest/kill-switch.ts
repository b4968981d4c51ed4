import type { ReceivedReport } from './received.ts';

/** Versions that are told to stop, as lists with commas. */
interface GoneVersions {
  readonly codegraph: string;
  readonly schema: string;
}

/** Whether a report comes from a version that is told to stop for good. */
export function isGone(report: ReceivedReport, { codegraph, schema }: GoneVersions): boolean {
  return (
    listed(codegraph).includes(report.codegraph_version) ||
    (report.schema_version !== undefined && listed(schema).includes(String(report.schema_version)))
  );
}

function listed(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
