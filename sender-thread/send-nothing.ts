import type { FlushResult } from '../contract/flush.ts';
import type { AbsorbResponse } from '../contract/sandbox.ts';
import type { SandboxImage } from './sandbox.ts';

/** Stands in for `send-reports.ts` in a build that must not be able to send. */
export function sendReports(
  _image: SandboxImage,
  _endpoint: URL,
  _task: unknown,
  _lock: unknown,
  absorbed: AbsorbResponse,
): Promise<FlushResult> {
  return Promise.resolve({ outcome: absorbed.outcome, sentReports: 0, sentEvents: 0 });
}
