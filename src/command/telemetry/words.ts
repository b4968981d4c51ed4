import type { FlushOutcome, Ledger } from '../../../contract/ledger.ts';

/** How a flush ended, for people. */
export const outcomeWords: { readonly [Key in FlushOutcome]: string } = {
  sent: 'sent and accepted',
  'nothing-to-send': 'nothing to send',
  waiting: 'rolled up, to be sent later',
  unreachable: 'the endpoint could not be reached',
  unanswered: 'a report was sent, and no answer came: it may have arrived',
  postponed: 'the endpoint asked to come back later',
  refused: 'the endpoint refused the report, which was dropped',
  stopped: 'the endpoint asked this machine to stop for good',
};

/** What will not arrive and why, for people: behind a number. */
export const lostWords: { readonly [Key in keyof Ledger['lost']]: string } = {
  damaged_bytes: 'damaged bytes',
  no_room: 'counts without room',
  unlisted: 'names that are on no list',
  out_of_date: 'counts of a day too far away',
  refused_reports: 'reports refused by the endpoint',
  expired_reports: 'reports that waited too long',
};
