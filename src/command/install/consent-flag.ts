import files from 'node:fs';
import { type Mode, readChoice } from '../../../contract/choice-file.ts';
import { choose, type ChoiceResult } from '../../consent/choose.ts';
import type { TelemetryContext } from '../telemetry/context.ts';

// From the most that is shared to nothing at all.
const modes: readonly Mode[] = ['on', 'local', 'off'];

/** The mode that `--telemetry` asks for; undefined when it is none. */
export function readMode(word: string): Mode | undefined {
  return modes.find((mode) => mode === word);
}

/**
 * Stores the answer that a script gave. A script is no person: it answers where nobody has, and it
 * can tighten a stored choice, but never loosen one.
 */
export function answerByFlag(context: TelemetryContext, wish: Mode): ChoiceResult {
  const stored = storedMode(context.watch.paths.dataDir);
  if (stored === undefined || modes.indexOf(wish) >= modes.indexOf(stored)) {
    return choose(context.watch, wish, 'installer');
  }
  const { mode } = context.watch.look();
  const message = `Telemetry stays ${stored}, as was chosen here. To change it: codegraph telemetry ${wish}`;
  return { ok: true, mode, storedMode: stored, message };
}

/** What a person chose; a choice that cannot be read counts as off here too. */
function storedMode(home: string): Mode | undefined {
  const reading = readChoice(home, files);
  switch (reading.state) {
    case 'none':
      return undefined;
    case 'unreadable':
      return 'off';
    case 'read': {
      const { source, mode } = reading.choice;
      return mode === 'on' && source === 'default-notice' ? undefined : mode;
    }
  }
}
