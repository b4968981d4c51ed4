import files from 'node:fs';
import { type Mode, readChoice } from '../../../contract/consent.ts';

/** The choice in the file, whatever overrides it; null when there is none. */
export type StoredMode = Mode | 'unreadable' | null;

/** Reads it. Changes nothing. */
export function modeStoredIn(dataDir: string): StoredMode {
  const reading = readChoice(dataDir, files);
  switch (reading.state) {
    case 'none':
      return null;
    case 'unreadable':
      return 'unreadable';
    case 'read':
      if (reading.choice.isEnabled) return 'on';
      return reading.choice.isLocal ? 'local' : 'off';
  }
}
