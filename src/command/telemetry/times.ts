import type { Screen } from '../../screen.ts';

/** An instant as a person reads it: `2026-11-22 14:05 GMT+1`. */
export function formatTime(instant: string, { timeZone }: Pick<Screen, 'timeZone'> = {}): string {
  const time = new Date(instant);
  if (Number.isNaN(time.getTime())) return instant;
  const parts = new Intl.DateTimeFormat('en-GB', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
    ...(timeZone !== undefined && { timeZone }),
  }).formatToParts(time);
  const part = (type: Intl.DateTimeFormatPartTypes): string =>
    parts.find((each) => each.type === type)?.value ?? '';
  const day = `${part('year')}-${part('month')}-${part('day')}`;
  return `${day} ${part('hour')}:${part('minute')} ${part('timeZoneName')}`;
}

const hourMs = 3_600_000;

/** How long ago an instant was: `5 hours ago`, `2 days ago`. */
export function formatAge(instant: string, now: number): string {
  const hours = Math.floor((now - Date.parse(instant)) / hourMs);
  if (hours < 1) return 'less than an hour ago';
  if (hours < 48) return hours === 1 ? '1 hour ago' : `${hours} hours ago`;
  return `${Math.floor(hours / 24)} days ago`;
}

/** A sentence with the instants in it as a person reads them. */
export function localizeTimes(text: string, screen: Screen): string {
  return text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (instant) => formatTime(instant, screen));
}
