import { type ReadableFiles, readText } from './read-file.ts';
import { failureFile } from './files.ts';
import { maxChoiceFileBytes, maxReasonCharacters } from './limits.ts';

/** The note that a failed flush leaves, for `status`: a thread that never starts can leave none itself. */
export interface Failure {
  /** ISO 8601. */
  readonly at: string;
  /** What went wrong, in the words of what failed; may name paths, and never leaves the machine. */
  readonly reason: string;
}

/** The text of the note. */
export function formatFailure(reason: string, now: number): string {
  const words = reason.replace(/^(?:\w*Error: )+/, '').slice(0, maxReasonCharacters);
  return `${JSON.stringify({ at: new Date(now).toISOString(), reason: words })}\n`;
}

/** The note, if the last flush left one that can be read. */
export function readFailure(dataDir: string, files: ReadableFiles): Failure | undefined {
  const reading = readText(`${dataDir}/${failureFile}`, maxChoiceFileBytes, files);
  return reading.state === 'read' ? parseFailure(reading.text) : undefined;
}

function parseFailure(text: string): Failure | undefined {
  try {
    const { at, reason } = JSON.parse(text) as { readonly [key: string]: unknown };
    return typeof at === 'string' && typeof reason === 'string' ? { at, reason } : undefined;
  } catch {
    // Not JSON, or null: nothing that could be shown.
    return undefined;
  }
}
