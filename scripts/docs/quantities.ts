import { formatNumber } from './markdown.ts';

const dayMs = 86_400_000;
const kibibyte = 1024;

/** A limit as people write it, by the unit that its name ends in: `maxAgeDays`, `waitMs`. */
export function formatLimit(name: string, value: number): string {
  if (name.endsWith('Days')) return count(value, 'day');
  if (name.endsWith('Mb')) return `${value} MiB`;
  if (name.endsWith('Bytes')) return formatBytes(value);
  if (name.endsWith('Ms')) return formatDuration(value);
  return formatNumber(value);
}

/** `1 day` and `2 days`. */
function count(value: number, unit: string): string {
  return `${formatNumber(value)} ${value === 1 ? unit : `${unit}s`}`;
}

function formatBytes(bytes: number): string {
  if (bytes % kibibyte !== 0) return count(bytes, 'byte');
  const kibibytes = bytes / kibibyte;
  return kibibytes % kibibyte === 0
    ? `${formatNumber(kibibytes / kibibyte)} MiB`
    : `${formatNumber(kibibytes)} KiB`;
}

function formatDuration(ms: number): string {
  // A day and less in hours: "24 hours" has one meaning, "a day" has two.
  if (ms > dayMs) return count(ms / dayMs, 'day');
  if (ms >= 3_600_000) return count(ms / 3_600_000, 'hour');
  if (ms >= 60_000) return count(ms / 60_000, 'minute');
  return ms >= 1_000 ? count(ms / 1_000, 'second') : `${ms} ms`;
}

/** Every quantity with a unit that a text names, such as `256 KiB` or `24 hours`. */
export function findQuantities(text: string): readonly string[] {
  const units = 'KiB|MiB|bytes?|ms|seconds?|minutes?|hours?|days?|reports?|events?|receipts?';
  const pattern = new RegExp(String.raw`(\d[\d,.]*)\s+(${units})\b`, 'g');
  return Array.from(text.matchAll(pattern), ([, number, unit]) => `${number} ${unit}`);
}
