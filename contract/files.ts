/** Names of files under `~/.codegraph`; modes are 0600 in directories of 0700. */

/** The choice, shared with the engine and in its format. */
export const choiceFileName = 'telemetry.json';

/** The directory for everything else of this package; `off` deletes all of it. */
export const spoolFolder = 'telemetry';

/** Frames of processes that exited. */
export const bufferFile = `${spoolFolder}/buffer.msgpack`;

/** A buffer that one flusher has taken is `claim-<random>`, in the spool. */
export const claimPrefix = 'claim-';

/** Open days, sealed reports, and the ids of this month and the last. */
export const ledgerFile = `${spoolFolder}/ledger.json`;

/** A ledger that could not be read, set aside once. */
export const damagedLedgerFile = `${spoolFolder}/ledger.damaged.json`;

/** Accepted reports, one JSON line each, newest last. */
export const receiptsFile = `${spoolFolder}/receipts.jsonl`;

/** Why the last flush failed; deleted by the next one that does not. */
export const failureFile = `${spoolFolder}/failure.json`;

/** Held by the one flusher. */
export const lockFile = `${spoolFolder}/lock`;

/** When the notice was shown. */
export const noticeFile = `${spoolFolder}/notice.json`;

/** The version of the engine at the last install: tells an upgrade from a repetition. */
export const installRecordFile = `${spoolFolder}/install.json`;

/** A file on its way to its real name is `<name>.<random>.tmp`. */
export const temporarySuffix = '.tmp';

/** What the engine has counted by itself and not sent; `off` deletes it, as the engine's own does. */
export const engineQueueFile = 'telemetry-queue.jsonl';

/** A queue that the engine is sending is `telemetry-queue.sending.<pid>.jsonl`. */
export const engineClaimPrefix = 'telemetry-queue.sending.';
