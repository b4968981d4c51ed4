import files from 'node:fs';
import { whyUnusable } from '../../../contract/endpoint.ts';
import { readFailure } from '../../../contract/failure.ts';
import { bufferFile, claimPrefix, spoolFolder } from '../../../contract/files.ts';
import { isOfNewerVersion, scanFrames } from '../../../contract/frame.ts';
import { maxBufferBytes } from '../../../contract/limits.ts';
import { readStart } from '../../../contract/read-file.ts';
import { isNewerLedger, parseLedger } from '../../../contract/ledger.ts';

/** What keeps counts from being sent, each as a sentence that says what can be done. */
export function findProblems(
  dataDir: string,
  endpoint: string,
  ledgerText: string,
): readonly string[] {
  const problems: (string | undefined)[] = [
    describeEndpoint(whyUnusable(endpoint)),
    isNewerLedger(ledgerText) ? newerLedger : undefined,
    ...describeSending(ledgerText),
    hasNewerFrames(`${dataDir}/${spoolFolder}`) ? newerFrames : undefined,
  ];
  const failure = readFailure(dataDir, files);
  if (failure !== undefined) problems.push(`the flush of ${failure.at} failed: ${failure.reason}`);
  return problems.filter((problem) => problem !== undefined);
}

const newerLedger =
  'a newer version of codegraph wrote the ledger. This version does not change it and sends nothing. ' +
  'Update codegraph-telemetry, or delete all counts: codegraph telemetry off';

const newerFrames =
  'a newer version of codegraph wrote some of the counts. Only that version can send them. ' +
  'Update codegraph-telemetry';

const stopped =
  'the endpoint asked this machine to stop for good, so nothing is sent. To start again: ' +
  'codegraph telemetry off && codegraph telemetry on';

function describeEndpoint(reason: string | undefined): string | undefined {
  return (
    reason &&
    `no report can be sent to the endpoint: ${reason}. Change or unset CODEGRAPH_TELEMETRY_ENDPOINT`
  );
}

function describeSending(ledgerText: string): readonly string[] {
  const sending = parseLedger(ledgerText)?.sending;
  if (sending?.stopped) return [stopped];
  const reason = sending?.last_flush?.reason;
  return reason !== undefined && certificateErrors.test(reason)
    ? [
        `the certificate of the endpoint is not trusted (${reason}). Behind a proxy that inspects ` +
          'TLS, set NODE_EXTRA_CA_CERTS or NODE_USE_SYSTEM_CA=1',
      ]
    : [];
}

// As OpenSSL and Node call them.
const certificateErrors = /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)/;

// A machine that works has a buffer and a claim.
const maxFilesLookedAt = 8;

function hasNewerFrames(spool: string): boolean {
  try {
    return files
      .readdirSync(spool)
      .filter((name) => bufferFile.endsWith(`/${name}`) || name.startsWith(claimPrefix))
      .slice(0, maxFilesLookedAt)
      .map((name) => readStart(`${spool}/${name}`, maxBufferBytes, files))
      .some((bytes) => bytes && scanFrames(bytes).payloads.some(isOfNewerVersion));
  } catch {
    // No spool, or one that this user may not read: `warning` says so.
    return false;
  }
}
