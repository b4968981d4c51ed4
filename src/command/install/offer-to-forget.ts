import files from 'node:fs';
import { readChoice } from '../../../contract/choice-file.ts';
import { clearSpool } from '../../../contract/clear-spool.ts';
import { choiceFileName, spoolFolder } from '../../../contract/files.ts';
import type { TelemetryContext } from '../telemetry/context.ts';
import type { Surroundings } from './agent-folders.ts';
import { findConfigured } from './configured.ts';
import type { Dialog } from './dialog.ts';

/**
 * Offers to delete what telemetry has on this machine; the preset answer is yes when no agent is
 * left. A choice against sending stays: without it, whatever reads the file next would take nothing
 * for a yes by default. Returns false when it could not do what was asked.
 */
export async function offerToForget(
  dialog: Dialog,
  { watch }: TelemetryContext,
  at: Surroundings,
): Promise<boolean> {
  const { dataDir } = watch.paths;
  const choice = readChoice(dataDir, files);
  const isOn = choice.state === 'read' && choice.choice.mode === 'on';
  if (!isOn && !files.existsSync(`${dataDir}/${spoolFolder}`)) return true;
  const isLast = [...findConfigured('global', at), ...findConfigured('local', at)].length === 0;
  const kept = choice.state === 'none' || isOn ? '' : ' Your choice not to send stays.';
  const question = `Delete what telemetry has stored on this machine?${kept}`;
  if ((await dialog.confirm(question, isLast)) !== true) {
    dialog.end('It stays. To delete it: codegraph telemetry off');
    return true;
  }
  try {
    clearSpool(dataDir, files);
    if (isOn) files.rmSync(`${dataDir}/${choiceFileName}`, { force: true });
    dialog.end('Deleted.');
    return true;
  } catch (error) {
    dialog.giveUp(`It could not be deleted: ${error instanceof Error ? error.message : 'unknown'}`);
    return false;
  }
}
