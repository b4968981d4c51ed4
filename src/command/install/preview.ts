import type { TelemetryContext } from '../telemetry/context.ts';
import { exampleReport } from '../telemetry/example-report.ts';
import { formatShow, prepareShow } from '../telemetry/show.ts';

/**
 * What `codegraph telemetry show` prints, always with a whole example. Stores and sends nothing.
 * Never rejects: where the spool cannot be read, the example says it all.
 */
export async function previewReport(context: TelemetryContext): Promise<string> {
  const example = JSON.stringify(exampleReport(), undefined, 2);
  const titled = `A report with one event of each kind:\n\n${example}`;
  try {
    const show = await prepareShow(context);
    // With nothing recorded, the example is in it.
    return show.days.length === 0 ? formatShow(show) : `${formatShow(show)}\n\n${titled}`;
  } catch {
    return titled;
  }
}
