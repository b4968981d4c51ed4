import { noteRequest, readMessage } from './message.ts';
import { MessageScanner } from './message-scanner.ts';
import { type CountingTelemetry, OpenCalls } from './open-calls.ts';

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
export function tapMcp(telemetry: CountingTelemetry): McpTap {
  const calls = new OpenCalls(telemetry);
  const requests = new MessageScanner((message) => {
    noteRequest(calls, readMessage(message));
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
      // A defect of ours. What it left half read can only be counted wrongly.
      isBroken = true;
    }
  };
  return {
    noteIncoming: (chunk) => {
      safely(() => {
        requests.push(chunk);
      });
    },
    noteOutgoing: (chunk) => {
      safely(() => {
        // A line that begins while nothing is open answers nothing.
        replies.push(chunk, () => calls.isIdle);
      });
    },
  };
}

function noteReply(calls: OpenCalls, message: unknown): void {
  const { id, reply } = readMessage(message);
  if (id === undefined || reply === undefined) return;
  const request = calls.take(id);
  if (request !== undefined) calls.finish(request, reply);
}
