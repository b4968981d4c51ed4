// What Cloudflare tells a Worker about who sent the request. The ingest promises not to read it.
const names = [
  'cf',
  'cf-connecting-ip',
  'cf-connecting-ipv6',
  'cf-ipcountry',
  'cf-pseudo-ipv4',
  'true-client-ip',
  'x-forwarded-for',
  'x-real-ip',
];

/** Why code of the ingest may not name `text`, or null when it may. */
export function whyNotName(text: string): string | null {
  return names.includes(text.trim().toLowerCase())
    ? `the ingest never reads the client's address: ${text} is not for it`
    : null;
}
