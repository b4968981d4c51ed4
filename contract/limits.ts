/** Every bound, once, each with the reason for its value. Bytes and milliseconds are in the names. */

// ── memory of the main thread ────────────────────────────────────────────────────────────────

// 34 commands and 8 tools under a dozen clients fit several times over; 500 of the longest
// identities still make one frame.
export const maxDistinctCounters = 500;

// Raw spellings that find their counter without being folded again. A server that invents a
// name a call must not grow the table.
export const maxCounterSpellings = 2_000;

// The longest that was seen has 65 characters; with a longer name each call is folded anew.
export const maxSpellingLength = 256;

// Lifecycle events of one process: `init` makes one; a host that loops must not fill the buffer.
export const maxEventsPerFrame = 20;

// One bulk addition: the published ingest takes counts up to a million.
export const maxCount = 1_000_000;

// Actions of one program that have begun and not ended. A command line that reads many lines keeps each
// that threw until it ends; beyond these the oldest is counted as the error that it is.
export const maxOpenCommands = 100;

// Calls of one transport that wait for a reply. An agent has a handful; a client that never reads
// its replies must not grow the server. At some 100 bytes each, these are 2 MB.
export const maxOpenCalls = 20_000;

// How old a look at the stored choice may be. "Off" must reach running processes within a second.
export const consentMaxAgeMs = 1_000;

// How long counts of a long-lived process may stand in memory alone: what SIGKILL can take of a session
// that goes on counting.
export const persistIntervalMs = 30_000;

// A session that counts nothing for this long has everything on disk. A frame has some 60 bytes, so
// even a call every 6 seconds makes less than 1 MB a day, and a server rolls that up as it grows.
export const persistIdleMs = 5_000;

// ── files ────────────────────────────────────────────────────────────────────────────────────

// A frame of 500 counters is about 40 KB; a longer length field is damage.
export const maxFrameBytes = 64 * 1024;

// What a machine may hold that never gets a flush through: some 10,000 counters, or months of use.
export const maxBufferBytes = 256 * 1024;

// Below this a flush that may not send anything is not worth a thread: there is room left.
export const rollUpBufferBytes = 128 * 1024;

// Kept free at the end of the buffer for the tiny frames that say "this many were dropped".
export const bufferReserveBytes = 1_024;

// The engine's choice file has about 200 bytes; a file of megabytes is not one.
export const maxChoiceFileBytes = 16 * 1024;

// What the engine says of its agents: ids of 16 bytes, in three lists, for a hundred agents.
export const maxAgentListBytes = 16 * 1024;

// The engine's list of a project's files: some 100 bytes a file, for the largest of projects.
export const maxFileListBytes = 32 * 1024 * 1024;

// One a project that is open, each looked at when a session begins; a person has a handful.
export const maxDaemonRecords = 100;

// Thirty open days of one heavy machine are about 400 KB of JSON.
export const maxLedgerBytes = 1024 * 1024;

// Two months of daily reports: `usage --days 30` compares with the 30 days before.
export const maxUsageReceipts = 62;

// A receipt of 15 totals takes 4 KB, so a month of them is about 124 KB; a busy user still has a month.
export const maxUsageReceiptsBytes = 256 * 1024;

// Reports of `index`, `install` and `uninstall` alone. A day of scripts can send dozens, which must not
// push out a month of use.
export const maxLifecycleReceipts = 30;
export const maxLifecycleReceiptsBytes = 32 * 1024;

// What a reader of `status` needs of an error message; a stack would fill the screen.
export const maxReasonCharacters = 300;

// Of each kind one receipt is kept whatever its length: a report of 60,000 bytes, quoted twice.
export const maxReceiptsFileBytes = 2 * (maxUsageReceiptsBytes + maxLifecycleReceiptsBytes);

// A lock has the twelve letters of a flusher's id.
export const maxLockBytes = 256;

// One step of counting buffered frames, committed by itself: small enough to finish within a command
// of half a second. Each further step of the same flush may be twice as long.
export const firstAbsorbBytes = 16 * 1024;

// ── roll-up and reports ──────────────────────────────────────────────────────────────────────

// The published ingest ignores events past the hundredth.
export const maxEventsPerReport = 100;

// The ingest counts 64 KiB as it reads, and a queue message is billed by 64 KB: stay below both.
export const maxReportBytes = 60_000;

// The published ingest drops the whole list beyond 32.
export const maxLanguages = 32;

export const maxTargets = 12;

// An agent is updated once or twice a day. Versions are the one thing in a report that is on no list:
// a client that gives each call another one could send a text in them.
export const maxVersionsPerClient = 4;

// Client versions are the one open dimension; beyond this many identities a day loses them first.
export const maxCountersPerDay = 2_000;

// The ingest books older events on the day of receipt, which would be a false date.
export const maxAgeDays = 30;

// A clock that ran ahead and was set back. Beyond a day, the date cannot be trusted.
export const maxFutureDays = 1;

// A week without codegraph is common. What is dated later than this after the last day that the ledger
// knows waits for another day to confirm the clock.
export const maxSilentDays = 7;

// 9999-12-31: no later day can be written as YYYY-MM-DD.
export const maxDay = 2_932_896;

// Six a minute is the ingest's limit for a machine; five leave room for a lifecycle event.
export const maxReportsPerFlush = 5;

// ── sending ──────────────────────────────────────────────────────────────────────────────────

// One deadline for all the sending of one flush.
export const commandFlushDeadlineMs = 1_500;
export const serverFlushDeadlineMs = 10_000;

// A server runs for days, and every flush sends what the days before have left: four a day are
// plenty, and a report is out six hours after midnight at the latest.
export const flushIntervalMs = 21_600_000;

// A server's first flush keeps out of the way of a session's first, impatient seconds.
export const firstFlushMs = 5_000;

// A lifecycle command may stay this long after the engine has ended, everything included.
export const lifecycleWaitMs = 1_000;

// The engine's installer waits for a look at the agents: a start of Node, 0.2 s on two busy cores.
export const agentListMs = 3_000;

// How long a name server may take before it counts as silent; one that is well answers in milliseconds.
// The first and then all others have this much, which leaves a command time to send.
export const nameServerMs = 400;

// Backoff after a failed send: doubles from a minute to a day, with jitter, never below Retry-After.
export const backoffBaseMs = 60_000;
export const backoffMaxMs = 86_400_000;

// Time to refuse: nothing leaves before the notice has stood this long.
export const noticeWaitMs = 86_400_000;

// A flusher that has not touched its lock for so long is dead: a flush is over in seconds.
export const lockStaleMs = 120_000;

// An exiting process may hold the buffer open while it is renamed. Its one write follows its open
// within microseconds; a claim younger than this is not deleted yet.
export const claimGraceMs = 2_000;

// ── sandbox and thread ───────────────────────────────────────────────────────────────────────

// A full buffer and a full ledger need about 12 MB inside QuickJS.
export const sandboxMemoryBytes = 48 * 1024 * 1024;

// What is nested too deeply for this becomes an exception that the guest can catch, and is damage
// like any other; without it the instance would die. A ledger and every kind of frame need 8 KiB.
export const sandboxStackBytes = 64 * 1024;

// Of the thread's own work. A full buffer takes 0.3 s from cold on two slow cores; more than this is an
// attack or a defect.
export const sandboxDeadlineMs = 5_000;

// A process that has less than one of these left gets no thread: where there is no room, a thread does
// not fail, it takes its host along. A flush has been seen to take 60 MB of memory,
export const minMemoryBytes = 96 * 1024 * 1024;

// 610 MB of what `ulimit -d` counts, nearly all set aside by V8 and never used,
export const minDataBytes = 1024 * 1024 * 1024;

// nearly 10 GiB of addresses, set aside for WebAssembly,
export const minAddressBytes = 16 * 1024 * 1024 * 1024;

// and 5 threads: its own, and libuv's four for the first look-up of a name.
export const minThreads = 16;

// The thread's own heap, beside the sandbox's linear memory.
export const threadOldSpaceMb = 64;

// Little of what a flush makes is needed for long. With 16, a full buffer takes 3 MB more and no less time.
export const threadYoungSpaceMb = 2;
