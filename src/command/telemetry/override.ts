import { existsSync } from 'node:fs';
import type { Consent } from '../../../contract/consent.ts';
import { spoolFolder } from '../../../contract/files.ts';
import type { StoredMode } from '../../consent/store-choice.ts';

/**
 * What `CODEGRAPH_TELEMETRY=1` does against the stored choice, in this process or in another: the MCP
 * configuration of a project can set it. Undefined if it does nothing.
 */
export function describeOverride(
  { mode, decidedBy }: Consent,
  storedMode: StoredMode,
  dataDir: string,
): string | undefined {
  const isAgainst = storedMode === 'off' || storedMode === 'local';
  if (isAgainst && mode === 'on' && decidedBy === 'CODEGRAPH_TELEMETRY') {
    return (
      `CODEGRAPH_TELEMETRY turns telemetry on, although your choice is ${storedMode}. An MCP ` +
      'configuration can set it. `codegraph telemetry off` deletes what it leaves'
    );
  }
  return storedMode === 'off' && existsSync(`${dataDir}/${spoolFolder}`)
    ? 'something is stored, although your choice is off: a program ran with CODEGRAPH_TELEMETRY=1. ' +
        '`codegraph telemetry off` deletes it'
    : undefined;
}
