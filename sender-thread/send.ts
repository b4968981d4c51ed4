/** The one file of the package that opens a connection. Lint refuses it everywhere else. */
import { CANCELLED, lookup, Resolver, TIMEOUT } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { nameServerMs } from '../contract/limits.ts';
import type { SealedText } from '../contract/report/check.ts';
import type { SendResult } from '../contract/sandbox.ts';

/** The endpoint, when a report may go there: https, or anything on this machine. */
export function parseEndpoint(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:') return url;
  return url?.protocol === 'http:' && isLoopback(url.hostname) ? url : undefined;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/**
 * One POST. Follows no redirect, keeps no cookie, never reads a body: the answer is its status.
 * Takes only text that was sealed behind the allowlist.
 */
export async function send(
  endpoint: URL,
  text: SealedText,
  timeoutMs: number,
): Promise<SendResult> {
  try {
    return await post(endpoint, text, timeoutMs);
  } catch {
    // Whatever is in the way, a process that may open no socket included: later again.
    return { kind: 'unreachable' };
  }
}

function post(endpoint: URL, text: SealedText, timeoutMs: number): Promise<SendResult> {
  const client = endpoint.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const request = client.request(endpoint, {
      method: 'POST',
      agent: false,
      lookup: lookUp,
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
        'user-agent': 'codegraph-telemetry',
      },
      signal: AbortSignal.timeout(Math.ceil(timeoutMs)),
    });
    request.on('response', (response) => {
      resolve(readAnswer(response.statusCode ?? 0, response.headers['retry-after']));
      // The status says all. Whatever else the server wants to say is not waited for.
      request.destroy();
    });
    request.on('error', reject);
    if (client === http) {
      request.end(text);
      return;
    }
    // Not before the other side has shown who it is: what waits for the end of the handshake goes out
    // with it, before Node looks at the certificate, when the process exits in that moment.
    request.on('socket', (socket) => {
      socket.once('secureConnect', () => request.end(text));
    });
  });
}

/** What a status means for the report. */
export function readAnswer(status: number, retryAfter: string | undefined): SendResult {
  if (status >= 200 && status < 300) return { kind: 'accepted' };
  if (status === 410) return { kind: 'stopped' };
  const isFinal = status >= 400 && status < 500 && status !== 408 && status !== 429;
  if (isFinal) return { kind: 'refused' };
  // A redirect is a captive portal or a mistake, and neither is final.
  return { kind: 'postponed', retryAfterMs: readRetryAfter(retryAfter) };
}

/** Milliseconds to wait: the header has seconds or a date. */
function readRetryAfter(header: string | undefined): number {
  if (header === undefined) return 0;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? 0 : Math.max(0, date - Date.now());
}

/**
 * The system's own lookup, once its first name server has shown that it answers. That lookup cannot
 * be called off, and a process that exits waits for it: 10 s and more for a server that is silent.
 */
export const lookUp: LookupFunction = (hostname, options, callback) => {
  void askNameServer(hostname).then((answered) => {
    const [family, other] = answered;
    if (family === undefined) callback(new Error('no name server answers'), []);
    else lookup(hostname, other === undefined ? { ...options, family } : options, callback);
  });
};

/**
 * For which of 4 and 6 a name server answers a question about this name in time, whatever it says: a
 * machine without one may have the name in its hosts file. Some drop what they do not know, and a
 * lookup would wait for that as well. Asks the system's first server unless told otherwise; nobody
 * needs to be asked about this machine itself.
 */
export async function askNameServer(
  hostname: string,
  servers?: readonly string[],
  waitMs: number = nameServerMs,
): Promise<readonly (4 | 6)[]> {
  if (hostname === 'localhost') return [4, 6];
  // In twice the time it would ask the second server, and the system's lookup would wait for the first.
  const resolver = new Resolver({ timeout: 2 * waitMs, tries: 1 });
  if (servers !== undefined) resolver.setServers(servers);
  const timer = setTimeout(() => {
    resolver.cancel();
  }, waitMs);
  const ask = (family: 4 | 6): Promise<4 | 6 | undefined> =>
    new Promise((resolve) => {
      resolver.resolve(hostname, family === 4 ? 'A' : 'AAAA', (error) => {
        resolve(isAnswer(error) ? family : undefined);
      });
    });
  const answered = await Promise.all([ask(4), ask(6)]);
  clearTimeout(timer);
  return answered.filter((family) => family !== undefined);
}

/** Whatever comes in time, a refusal included: what the system then asks comes to an end as well. */
function isAnswer(error: NodeJS.ErrnoException | null): boolean {
  return error?.code !== TIMEOUT && error?.code !== CANCELLED;
}
