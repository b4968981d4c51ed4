import type { DecidedBy } from '../../../contract/consent.ts';
import { decidedByWords } from '../../consent/words.ts';
import type { Screen } from '../../screen.ts';
import type { StatusReport } from './status.ts';
import { hostOf } from './log.ts';
import { formatAge, formatTime } from './times.ts';

/** In one line: is it on, why, what is sent where, when it was last, and how to stop it. */
export function summarize(status: StatusReport, screen: Screen, now: number): string {
  const by = decidedByWords[status.decidedBy];
  switch (status.mode) {
    case 'off':
      return `Telemetry is off, decided by ${by}. Nothing is counted and nothing is sent.${howToTurnOn(status)}`;
    case 'local':
      return (
        `Telemetry is local, decided by ${by}. Counts for you on this machine; nothing is sent. ` +
        `See: codegraph telemetry usage. ${howToTurnOff(status)}`
      );
    case 'on':
      return `${whatIsSent(status, screen, now)} ${howToTurnOff(status)}`;
  }
}

function whatIsSent(status: StatusReport, screen: Screen, now: number): string {
  const { endpoint, nextFlushNotBefore: from, decidedBy, problems } = status;
  const sent = `Sends daily totals to ${hostOf(endpoint)}`;
  if (problems.length > 0)
    return 'Telemetry is on, but reports cannot be sent: see the warning below.';
  if (decidedBy === 'default' && from === 'never') {
    return 'Telemetry is on by default. Nothing is sent before the notice has appeared on a terminal.';
  }
  if (decidedBy === 'default' && from !== null) {
    return `Telemetry is on by default. ${sent} from ${formatTime(from, screen)} on.`;
  }
  return `Telemetry is on. ${sent}; ${lastSent(status, now)}.`;
}

function lastSent({ lastSent: last }: StatusReport, now: number): string {
  if (last === null) return 'nothing has been sent yet';
  const events = last.events === 1 ? '1 event' : `${last.events} events`;
  return `last sent ${formatAge(last.at, now)} (${events})`;
}

function howToTurnOff({ decidedBy }: StatusReport): string {
  const isByVariable = decidedBy === 'CODEGRAPH_TELEMETRY';
  return `Turn off: ${isByVariable ? 'CODEGRAPH_TELEMETRY=0' : 'codegraph telemetry off'}`;
}

// A stored choice decides otherwise only here. A variable, the flag or a policy comes before it.
const changeable: readonly DecidedBy[] = ['stored', 'unreadable', 'build'];

function howToTurnOn({ decidedBy }: StatusReport): string {
  return changeable.includes(decidedBy) ? ' Turn on: codegraph telemetry on' : '';
}
