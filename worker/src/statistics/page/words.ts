import { parseDay } from '../../../../contract/day.ts';

/** `41,000`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-GB');
}

/** `1.9 M`, `810 k`, `4,800`: for columns. */
export function formatShort(count: number): string {
  if (count >= 1_000_000) return `${trim(count / 1_000_000)} M`;
  if (count >= 10_000) return `${trim(count / 1_000)} k`;
  return formatCount(count);
}

function trim(count: number): string {
  return count >= 10 ? String(Math.round(count)) : String(Math.round(count * 10) / 10);
}

/** `15 %`; `<1 %` for what rounds to nothing. */
export function formatShare(share: number): string {
  return share === 0 ? '<1 %' : `${share} %`;
}

export function formatRate(rate: number): string {
  return `${rate.toFixed(1)} %`;
}

/** `16 November 2026` of a day. */
export function formatDate(day: string): string {
  return dateOf(day).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
}

/** `16 to 22 November 2026`, with what both days share said once. */
export function formatSpan(from: string, to: string): string {
  const [first, last] = [formatDate(from), formatDate(to)];
  const words = last.split(' ');
  const shared = first.split(' ').findLastIndex((word, at) => word !== words[at]) + 1;
  return `${first.split(' ').slice(0, shared).join(' ')} to ${last}`;
}

/** `Nov` of a day. */
export function formatMonthName(day: string): string {
  return dateOf(day).toLocaleDateString('en-US', { month: 'short', timeZone: 'UTC' });
}

function dateOf(day: string): Date {
  return new Date((parseDay(day) ?? 0) * 86_400_000);
}

const names: Readonly<Record<string, string>> = {
  darwin: 'macOS',
  linux: 'Linux',
  win32: 'Windows',
  freebsd: 'FreeBSD',
  openbsd: 'OpenBSD',
  typescript: 'TypeScript',
  javascript: 'JavaScript',
  tsx: 'TSX',
  jsx: 'JSX',
  python: 'Python',
  go: 'Go',
  rust: 'Rust',
  java: 'Java',
  c: 'C',
  cpp: 'C++',
  csharp: 'C#',
  php: 'PHP',
  ruby: 'Ruby',
  swift: 'Swift',
  kotlin: 'Kotlin',
  dart: 'Dart',
  arkts: 'ArkTS',
  razor: 'Razor',
  astro: 'Astro',
  liquid: 'Liquid',
  pascal: 'Pascal',
  scala: 'Scala',
  lua: 'Lua',
  luau: 'Luau',
  r: 'R',
  solidity: 'Solidity',
  nix: 'Nix',
  twig: 'Twig',
  cfml: 'CFML',
  cfscript: 'CFScript',
  cfquery: 'CFQuery',
  cobol: 'COBOL',
  vbnet: 'VB.NET',
  erlang: 'Erlang',
  terraform: 'Terraform',
  svelte: 'Svelte',
  vue: 'Vue',
  yaml: 'YAML',
  xml: 'XML',
  objc: 'Objective-C',
  '<100': 'under 100 files',
  '100-1k': '100 to 1,000',
  '1k-10k': '1,000 to 10,000',
  '10k+': 'over 10,000',
  '<10s': 'under 10 s',
  '10-60s': '10 to 60 s',
  '1-5m': '1 to 5 min',
  '5m+': 'over 5 min',
};

/** What people call a listed value. */
export function nameValue(value: string): string {
  return Object.hasOwn(names, value) ? (names[value] ?? value) : value;
}
