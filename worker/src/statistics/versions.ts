/** Newest first; what is no version comes last. For `toSorted`. */
export function newestFirst(one: string, other: string): number {
  const [a, b] = [rankOf(one), rankOf(other)];
  const at = a.findIndex((part, index) => part !== b[index]);
  return at < 0 ? 0 : (b[at] ?? 0) - (a[at] ?? 0);
}

/** Parts to compare by; a pre-release comes before its release. */
function rankOf(version: string): readonly number[] {
  const match = /^(\d+)\.(\d+)\.(\d+)(?:-\D*(\d*))?$/.exec(version);
  if (match === null) return [-1, 0, 0, 0, 0];
  const [, major, minor, patch, build] = match;
  const isRelease = !version.includes('-');
  return [Number(major), Number(minor), Number(patch), isRelease ? 1 : 0, Number(build ?? 0)];
}
