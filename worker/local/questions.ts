import { dayOf } from '../../contract/day.ts';
import { before, weekOf } from '../src/statistics/period.ts';

/** What `ingest:stats` can be asked. */
export const subjects = [
  'tools',
  'commands',
  'agents',
  'versions',
  'platforms',
  'languages',
  'machines',
  'errors',
] as const;
export type Subject = (typeof subjects)[number];

export interface Question {
  readonly subject: Subject;
  /** Left out: all versions, or all agents, together. */
  readonly by?: 'version' | 'agent';
  readonly weeks: number;
}

const metricsOf: Readonly<Record<Subject, readonly string[]>> = {
  tools: ['tool'],
  commands: ['command'],
  agents: ['agent'],
  versions: ['version'],
  platforms: ['os', 'arch', 'node'],
  languages: ['language'],
  machines: ['machines', 'ci'],
  errors: ['tool', 'command'],
};

/**
 * The SQL of a question: exact counts of the last weeks, the running one included, scaled by each week's
 * rate. For the operator alone; what is published goes by the rules.
 *
 * @throws RangeError for a cross table that is not counted.
 */
export function writeQuestion({ subject, by, weeks }: Question, now: number): string {
  const periods: string[] = [];
  for (let week = weekOf(dayOf(now)); periods.length < weeks; week = before(week)) {
    periods.push(week);
  }
  const listed = (texts: readonly string[]): string => texts.map((text) => `'${text}'`).join(', ');
  const scaled = (column: string): string => `round(${column} / coalesce(rate, 1)) AS ${column}`;
  const columns = ['machines', 'uses', 'errors', 'failing'].map(scaled).join(', ');
  const order = subject === 'errors' ? '1.0 * failing / machines DESC' : 'machines DESC';
  return `SELECT cells.period, metric, value, ${columns},
  round(100.0 * failing / machines, 1) AS failing_percent
FROM cells LEFT JOIN rates ON rates.sink = 'd1' AND rates.period = cells.period
WHERE cells.period IN (${listed(periods)}) AND metric IN (${listed(crossed(subject, by))})
  ${subject === 'errors' ? 'AND failing > 0' : ''}
ORDER BY cells.period DESC, metric, ${order}`;
}

function crossed(subject: Subject, by: Question['by']): readonly string[] {
  const metrics = metricsOf[subject];
  if (by === undefined) return metrics;
  const isCounted =
    subject === 'tools' || (by === 'version' && (subject === 'commands' || subject === 'errors'));
  if (!isCounted) throw new RangeError(`${subject} are not counted by ${by}`);
  return metrics.map((metric) => `${metric}_${by}`);
}
