/**
 * Fields of the allowlist that are collected and in no chart, with the reason. A test holds both against
 * the allowlist: a field that is in neither place must not be collected.
 */
export const hiddenFields: Readonly<Record<string, string>> = {
  ci: 'keeps build machines out of every number; only how many there are is shown',
  schema_version: 'says how to read the report',
  batch_id: 'recognizes a report that comes twice',
  event_id: 'recognizes an event that comes twice at PostHog',
  ts: 'chooses the week and the month; no number is shown for a day',
  event: 'says what the rest of the event is about',
  scope: 'read at PostHog alone, to choose the default of the installer',
  client_version: 'read at PostHog alone, when support for an old agent ends',
};
