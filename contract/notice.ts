import { type ReadableFiles, readText } from './read-file.ts';
import { noticeFile } from './files.ts';
import { maxChoiceFileBytes } from './limits.ts';

/** What is known of the one line that precedes the first send. */
export interface Notice {
  /** Printed at all, also where nobody may have read it. */
  readonly isPrinted: boolean;
  /** Epoch milliseconds of its showing on a terminal. */
  readonly seenAt: number | undefined;
}

/** The record of the notice; anything unreadable is no notice, so that nothing leaves. */
export function readNotice(dataDir: string, files: ReadableFiles): Notice {
  const reading = readText(`${dataDir}/${noticeFile}`, maxChoiceFileBytes, files);
  return reading.state === 'read' ? parseNotice(reading.text) : unprinted;
}

const unprinted: Notice = { isPrinted: false, seenAt: undefined };

function parseNotice(text: string): Notice {
  try {
    const { seen_at } = JSON.parse(text) as { readonly seen_at?: unknown };
    const seenAt = typeof seen_at === 'string' ? Date.parse(seen_at) : NaN;
    return { isPrinted: true, seenAt: Number.isNaN(seenAt) ? undefined : seenAt };
  } catch {
    // Not JSON: the notice is shown once more.
    return unprinted;
  }
}

/** The text of the record. */
export function formatNotice({ seenAt }: Notice): string {
  const seen_at = seenAt === undefined ? null : new Date(seenAt).toISOString();
  return `${JSON.stringify({ seen_at })}\n`;
}
