/** The one file of the package that opens a connection. Lint refuses it everywhere else. */
import { CANCELLED, lookup, type LookupAddress, Resolver, TIMEOUT } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import tls from 'node:tls';
import type { NetworkSettings } from '../contract/flush.ts';
import { errorCodePattern } from '../contract/ledger.ts';
import { nameServerMs } from '../contract/limits.ts';
import type { SealedText } from '../contract/report/check.ts';
import type { SendResult } from '../contract/sandbox.ts';

/**
 * One POST. Follows no redirect, keeps no cookie, never reads a body: the answer is its status.
 * Takes only text that was sealed behind the allowlist.
 */
export async function send(
  endpoint: URL,
  text: SealedText,
  timeoutMs: number,
  network: NetworkSettings = plainNetwork,
): Promise<SendResult> {
  const progress = { hasLeft: false };
  try {
    return await post(endpoint, text, timeoutMs, network, progress);
  } catch (error) {
    // Whatever is in the way, a process that may open no socket included: later again.
    return { kind: progress.hasLeft ? 'unanswered' : 'unreachable', reason: codeOf(error) };
  }
}

/** A process whose user told Node nothing of the network. */
export const plainNetwork: NetworkSettings = { proxyEnv: undefined, usesSystemCa: false };

function post(
  endpoint: URL,
  text: SealedText,
  timeoutMs: number,
  network: NetworkSettings,
  progress: { hasLeft: boolean },
): Promise<SendResult> {
  const client = endpoint.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const request = client.request(endpoint, {
      method: 'POST',
      lookup: lookUp,
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
        'user-agent': 'codegraph-telemetry',
      },
      signal: AbortSignal.timeout(Math.ceil(timeoutMs)),
      ...connectionOptions(client, network),
    });
    request.on('response', (response) => {
      resolve(readAnswer(response.statusCode ?? 0, response.headers['retry-after']));
      // The status says all. Whatever else the server wants to say is not waited for.
      request.destroy();
    });
    request.on('error', reject);
    // Not before the other side has shown who it is: what waits for the end of the handshake goes out
    // with it, before Node looks at the certificate, when the process exits in that moment.
    request.on('socket', (socket) => {
      const leave = (): void => {
        progress.hasLeft = true;
        request.end(text);
      };
      // Through a proxy the handshake is over by now.
      if ('authorized' in socket && socket.authorized === true) leave();
      else socket.once(client === https ? 'secureConnect' : 'connect', leave);
    });
  });
}

/** What the user told Node of the network, as far as this Node knows such a setting. */
function connectionOptions(
  client: typeof http | typeof https,
  { proxyEnv, usesSystemCa }: NetworkSettings,
): https.RequestOptions {
  // The thread does not have the flag of its process, so its own defaults lack the system's.
  const ca = usesSystemCa ? { ca: trustedCertificates() } : {};
  if (proxyEnv === undefined) return { agent: false, ...ca };
  const options: https.AgentOptions & { proxyEnv: NetworkSettings['proxyEnv'] } = {
    proxyEnv,
    ...ca,
  };
  return { agent: new client.Agent(options) };
}

function trustedCertificates(): string[] | undefined {
  const kinds = ['default', 'extra', 'system'] as const;
  // Before Node 22.15 there is no such setting either.
  if (!('getCACertificates' in tls)) return undefined;
  return kinds.flatMap((kind) => tls.getCACertificates(kind));
}

/** The code of an error, if it is one that the ledger can hold. */
function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ABORT_ERR') return 'ETIMEDOUT';
  return typeof code === 'string' && errorCodePattern.test(code) ? code : undefined;
}

// Too slow, too early, too many: the next time may be better.
const retriedStatuses: readonly number[] = [408, 425, 429];

/** What a status means for the report. */
export function readAnswer(status: number, retryAfter: string | undefined): SendResult {
  if (status >= 200 && status < 300) return { kind: 'accepted' };
  if (status === 410) return { kind: 'stopped' };
  const isFinal = status >= 400 && status < 500 && !retriedStatuses.includes(status);
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
 * The system's own lookup, once its first name server has shown that it answers. That lookup cannot be
 * called off, and a process that exits waits for it: 10 s and more for a server that is silent. Where
 * only a further server answers, its own answer is taken.
 */
export const lookUp: LookupFunction = (hostname, options, callback) => {
  void askNameServers(hostname).then(({ families, addresses }) => {
    const [family, other] = families;
    const [first] = addresses;
    if (family !== undefined) {
      lookup(hostname, other === undefined ? { ...options, family } : options, callback);
    } else if (first === undefined) {
      callback(Object.assign(new Error('no name server answers'), { code: 'ENOTFOUND' }), []);
    } else if (options.all === true) {
      callback(null, [...addresses]);
    } else {
      callback(null, first.address, first.family);
    }
  });
};

interface NameAnswer {
  /** For which families the first server answers in time, so that the system's lookup ends. */
  readonly families: readonly (4 | 6)[];
  /** What a further server answers, where the first is silent. */
  readonly addresses: readonly LookupAddress[];
}

/**
 * Asks for a name: the first server whether it answers in time, whatever it says, because a machine may
 * have the name in its hosts file. Some drop what they do not know, and a lookup would wait for that as
 * well. Then the other servers, all at once, for addresses. Asks the system's servers unless told
 * otherwise; nobody needs to be asked about this machine itself.
 */
export async function askNameServers(
  hostname: string,
  servers: readonly string[] = new Resolver().getServers(),
  waitMs: number = nameServerMs,
): Promise<NameAnswer> {
  if (hostname === 'localhost') return { families: [4, 6], addresses: [] };
  const [first, ...others] = servers;
  if (first === undefined) return { families: [], addresses: [] };
  const answers = await askServer(hostname, first, waitMs);
  const families = answers.map(({ family }) => family);
  if (families.length > 0 || others.length === 0) return { families, addresses: [] };
  const further = await Promise.all(others.map((server) => askServer(hostname, server, waitMs)));
  const answered = further.find((answer) => answer.some(({ addresses }) => addresses.length > 0));
  const addresses = (answered ?? []).flatMap(({ family, addresses: found }) =>
    found.map((address) => ({ address, family })),
  );
  return { families, addresses };
}

interface FamilyAnswer {
  readonly family: 4 | 6;
  readonly addresses: readonly string[];
}

/** The families for which one server answers in time, a refusal included, each with its addresses. */
async function askServer(
  hostname: string,
  server: string,
  waitMs: number,
): Promise<readonly FamilyAnswer[]> {
  const resolver = new Resolver({ timeout: 2 * waitMs, tries: 1 });
  resolver.setServers([server]);
  const timer = setTimeout(() => {
    resolver.cancel();
  }, waitMs);
  const ask = (family: 4 | 6): Promise<FamilyAnswer | undefined> =>
    new Promise((resolve) => {
      const answer = (error: NodeJS.ErrnoException | null, found?: readonly string[]): void => {
        const isSilent = error?.code === TIMEOUT || error?.code === CANCELLED;
        resolve(isSilent ? undefined : { family, addresses: found ?? [] });
      };
      if (family === 4) resolver.resolve4(hostname, answer);
      else resolver.resolve6(hostname, answer);
    });
  const answered = await Promise.all([ask(4), ask(6)]);
  clearTimeout(timer);
  return answered.filter((answer) => answer !== undefined);
}
