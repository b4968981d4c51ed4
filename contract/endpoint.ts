/** Where a report may go. Checked by the sender thread before it sends, and by `status` for its reader. */

/**
 * Why no report may go to an endpoint, or undefined when one may: to https, or http on this machine,
 * without a user name or password. Repeats nothing of the text but its scheme.
 */
export function whyUnusable(endpoint: string): string | undefined {
  const url = parseUrl(endpoint);
  if (url === undefined) return 'it is not a URL';
  if (url.username !== '' || url.password !== '') return 'it contains a user name or a password';
  if (url.protocol === 'https:') return undefined;
  if (url.protocol !== 'http:') return `its scheme is ${url.protocol} and not https:`;
  return isLoopback(url.hostname) ? undefined : 'http is allowed only to this machine; use https';
}

/** An endpoint as it may be shown: user name, password and query can be secrets. */
export function maskEndpoint(endpoint: string): string {
  const url = parseUrl(endpoint);
  if (url === undefined) return '(not a URL)';
  const user = url.username !== '' || url.password !== '' ? '***@' : '';
  const query = url.search === '' ? '' : '?***';
  return `${url.protocol}//${user}${url.host}${url.pathname}${query}`;
}

interface ParsedUrl {
  readonly protocol: string;
  readonly username: string;
  readonly password: string;
  readonly host: string;
  readonly hostname: string;
  readonly pathname: string;
  readonly search: string;
}

// Whoever reads an endpoint has it; the sandbox, which reads none, does not.
declare const URL: { new (text: string): ParsedUrl; canParse(text: string): boolean };

function parseUrl(text: string): ParsedUrl | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
