import type { FlushOutcome, Ledger } from '../../../contract/ledger.ts';

/** How a flush ended, for people. */
export const outcomeWords: { readonly [Key in FlushOutcome]: string } = {
  sent: 'sent and accepted',
  'nothing-to-send': 'nothing to send',
  waiting: 'added up, to be sent later',
  unreachable: 'the endpoint could not be reached',
  unanswered: 'a report was sent without an answer: it may have arrived',
  postponed: 'the endpoint asked for a retry later',
  refused: 'the endpoint refused a report, which was deleted',
  stopped: 'the endpoint asked this machine to stop for good',
};

/** What will not arrive and why, for people: behind a number. */
export const lostWords: { readonly [Key in keyof Ledger['lost']]: string } = {
  damaged_bytes: 'damaged bytes',
  no_room: 'counts dropped (storage full)',
  unlisted: 'unrecognized names',
  out_of_date: 'counts too old or dated ahead',
  refused_reports: 'reports refused by the endpoint',
  expired_reports: 'reports that expired unsent',
};
