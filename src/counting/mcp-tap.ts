import type { Telemetry } from '../telemetry.ts';
import { MessageScanner, type ScannedMessage } from './message-scanner.ts';
import { type CallOutcome, OpenCalls } from './open-calls.ts';

/** What looks at the bytes between an MCP client and a server that is not ours. */
export interface McpTap {
  /** Bytes that have been handed on to the server. */
  noteIncoming(chunk: Buffer): void;
  /** Bytes that have been handed on to the client. */
  noteOutgoing(chunk: Buffer): void;
}

/**
 * Counts tool calls from the bytes of both directions, after they were forwarded. Holds no line
 * and no message, and throws nothing: a failure here ends the counting of this session, not the
 * session.
 */
export function tapMcp(telemetry: Pick<Telemetry, 'count'>): McpTap {
  const calls = new OpenCalls(telemetry);
  const requests = new MessageScanner((message) => {
    noteRequest(calls, message);
  });
  const replies = new MessageScanner((message) => {
    noteReply(calls, message);
  });
  let isBroken = false;
  const safely = (look: () => void): void => {
    if (isBroken) return;
    try {
      look();
    } catch {
      isBroken = true;
    }
  };
  return {
    noteIncoming: (chunk) => {
      safely(() => {
        requests.push(chunk, () => false);
      });
    },
    noteOutgoing: (chunk) => {
      safely(() => {
        // What comes while nothing is open answers nothing.
        replies.push(chunk, () => calls.isIdle);
      });
    },
  };
}

function noteRequest(calls: OpenCalls, message: ScannedMessage): void {
  const { id, method, name, requestId, client, requestClient } = message;
  if (method === 'notifications/cancelled' && requestId !== undefined) calls.cancel(requestId);
  if (id === undefined) return;
  if (method === 'initialize') calls.initialize(id, client);
  if (method === 'tools/call') calls.open(id, name ?? 'other', requestClient);
}

function noteReply(calls: OpenCalls, message: ScannedMessage): void {
  const { id, method, hasResult, hasError } = message;
  if (id === undefined || method !== undefined || !(hasResult || hasError)) return;
  calls.reply(id, outcomeOf(message));
}

function outcomeOf({ hasError, isError, resultType }: ScannedMessage): CallOutcome {
  if (hasError || isError) return 'error';
  return resultType === 'input_required' ? 'input_required' : 'ok';
}
