/** Bounds of the ingest alone, each with its reason; those it shares are in contract/limits.ts. */

// A client's report has at most 60,000 bytes; the published ingest has the same bound as this.
export const maxBodyBytes = 64 * 1024;

// A report of 64 KiB at 7 KB/s, the slowest line that is worth waiting for.
export const bodyTimeoutMs = 10_000;

// The rate limits count in windows of a minute.
export const rateRetryAfterS = 60;

// Long enough for a queue or a burst to recover, short enough for a client's next run.
export const overloadRetryAfterS = 120;

// A monitor asks once a minute; anybody may ask as often as he likes.
export const healthMaxAgeMs = 10_000;

// PostHog takes 20 MB; smaller bodies fail smaller, and ten fit into an invocation's memory.
export const maxEventsPerSend = 1_000;
export const maxBytesPerSend = 1_000_000;

// Ten seconds is what a busy capture endpoint may take; a stalled one must not hold the consumer.
export const sendTimeoutMs = 10_000;

// Finding one bad event among 10,000 takes about 26 requests: room for some, and an end when
// everything is refused.
export const maxSendsPerBatch = 200;

// A sink that fails one request in three answers one of three all but once in 27 times.
export const maxStumbles = 3;

// Beyond an hour between attempts nothing is won while the queue keeps the message.
export const maxRetryDelayS = 3_600;

// The longest delay a queue allows.
export const maxQueueDelayS = 43_200;

// A version a week for five years. Beyond it they are invented, and become `other`.
export const maxVersions = 250;

// A resend comes within a day or two; a client's backoff ends at one day.
export const reportIdDays = 7;

// A year and a month to compare with the year before.
export const statisticsDays = 400;

// Yesterday's spending explains today's complaints; older has no use.
export const spendingDays = 2;
