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

// A year and a month to compare with the year before.
export const statisticsDays = 400;

// Yesterday's spending explains today's complaints; older has no use.
export const spendingDays = 2;

// ── statistics ───────────────────────────────────────────────────────────────────────────────

// D1 refuses values over 2 MB; a row of the longest names has 130 bytes.
export const maxRowsPerStatement = 2_000;

// By machine, day and name. A person calls a tool some dozen times a day, a busy agent some hundred.
export const maxUsesPerDay = 1_000;

// By machine and day of receipt: 20 full reports. A month of a busy machine, caught up in one day.
export const maxEventsPerMachineDay = 2_000;

// Wednesday's machines have reported Tuesday by then: 96 % of a week has arrived on its Thursday.
export const publishedAfterDays = 4;

// Later is for stragglers of a month; the numbers that are quoted must stand.
export const finalAfterDays = 8;

// For the sums alone, where there are no statistics: most of what comes again comes within a day. In the
// statistics a report has a mark of its own in each period, for as long as the period is open.
export const reportIdDays = 3;

// Events are taken up to 30 days late, and a bound that is forgotten earlier can be had twice.
export const allowanceDays = 31;

// 100,000 machines give a share to 0.3 points; what more of them cost buys nothing.
export const maxMachinesPerPeriod = 200_000;

// A week has its quiet days.
export const rateLookBackDays = 8;

// Finding one bad message among a hundred takes 14 attempts; five of them 50.
export const maxStorePartsPerBatch = 60;

// On the first of a month every machine is new, because its id is: as many as report in an hour, and twice
// as many more for growth.
export const newMonthShare = 3;
export const newMonthDays = 7;

// Afterwards one report in twenty is of a new machine. A launch may bring five times as many.
export const newcomerShare = 0.25;

// Fewer are no flood, and a young project grows in jumps.
export const leastNewcomers = 100;

// Who floods by the hour must not begin anew with each hour.
export const gateClosedMs = 86_400_000;

// Half a million rows a table and hour: a round has 1,000 statements and 15 minutes in all.
export const maxDeletesPerRound = 250;

// Marks are gone within two days of rounds; after so many nobody need look again.
export const sweptDays = 100;

// An hour is compared with the same hour of three weeks.
export const hourDays = 22;

// A burst of refusals costs one row, and an isolate lives longer than this.
export const tallyKeptMs = 5_000;

// The canary is sent once an hour.
export const canaryMissedMs = 2 * 3_600_000;

// Rounds that did not run for half a year are made up for. What is there costs a look by key.
export const publishLookBack = 27;

// Whoever asks often asks the database once a minute, and one page has about 60 kB.
export const pageMemoryMs = 60_000;
export const maxPagesInMemory = 50;
