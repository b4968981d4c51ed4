import http from 'node:http';
import https from 'node:https';
import { lookUp } from './lookup.ts';
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
