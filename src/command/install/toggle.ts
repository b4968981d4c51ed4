import type { Mode } from '../../../contract/choice-file.ts';
import type { Consent } from '../../../contract/consent.ts';
import { dataVersions } from '../../../contract/data-version.ts';
import { choose, type ChoiceResult } from '../../consent/choose.ts';
import { modeStoredIn } from '../../consent/store-choice.ts';
import { decidedByWords } from '../../consent/words.ts';
import type { TelemetryContext } from '../telemetry/context.ts';
import type { Prompt } from './prompt.ts';

const question = 'Share how codegraph is used?';

// Apart from the question: clack hides answers where a long one leaves no room. A fact is one line,
// which is wrapped for the terminal.
const facts = `codegraph can report how it is used.
What: which commands, tools, agents and languages, on which OS, CPU and Node, \
whether in CI, and how large a project is, roughly. Never code, queries, paths.
When: daily totals after the day is over; install, index and uninstall at once.
Off at any time: codegraph telemetry off, or CODEGRAPH_TELEMETRY=0
More: TELEMETRY.md in this package
To: `;

const answers = [
  { value: 'on', label: 'Yes, share', hint: 'under a random ID that changes every month' },
  { value: 'local', label: 'Count for me only', hint: 'see: codegraph telemetry show' },
  { value: 'off', label: 'No', hint: 'nothing is counted' },
  { value: 'show', label: 'Show me exactly what would be sent first' },
] as const;

/**
 * The question about telemetry. Not asked where something has decided already: then it says what,
 * and returns `decided`. Undefined is a cancel, which is a no. Stores nothing.
 */
export async function askConsent(
  prompt: Pick<Prompt, 'write' | 'choose' | 'waitFor'>,
  context: TelemetryContext,
): Promise<Mode | 'decided' | undefined> {
  const consent = context.watch.look();
  if (consent.decidedBy !== 'default' && consent.agreedTo === undefined) {
    prompt.write('message', sayDecided(consent));
    return 'decided';
  }
  if (consent.agreedTo !== undefined) prompt.write('message', sayNews(consent.agreedTo));
  const preset = consent.mode === 'local' ? 'local' : 'on';
  for (;;) {
    prompt.write('message', facts + context.endpoint);
    const answer = await prompt.choose(question, answers, preset);
    if (answer !== 'show') return answer;
    const preview = await prompt.waitFor(previewReport(context));
    if (preview === undefined) return undefined;
    process.stdout.write(`\n${preview}\n`);
  }
}

function sayDecided({ mode, decidedBy }: Consent): string {
  const change =
    decidedBy === 'stored' ? '\nTo change it: codegraph telemetry on, local or off' : '';
  return `Telemetry is ${mode}, decided by ${decidedByWords[decidedBy]}.${change}`;
}

function sayNews(agreedTo: number): string {
  const news = dataVersions.slice(agreedTo).map(({ since, added }) => `${since}: ${added}`);
  return `What telemetry counts has grown since you answered. None of this is counted yet.\n${news.join('\n')}`;
}

/**
 * What `codegraph telemetry show` prints, always with a whole example. Stores and sends nothing.
 * Never rejects: where what was counted cannot be read, the example says it all.
 */
async function previewReport(context: TelemetryContext): Promise<string> {
  const { formatExample, formatShow, prepareShow } = await import('../telemetry/show.ts');
  const { readScreen } = await import('../../screen.ts');
  const screen = readScreen();
  const titled = `A report with one event of each kind:\n\n${formatExample(screen)}`;
  try {
    const show = await prepareShow(context);
    const text = formatShow(show, screen);
    // With nothing recorded, the example is in it.
    return show.days.length === 0 ? text : `${text}\n\n${titled}`;
  } catch {
    return titled;
  }
}

// From the most that is shared to nothing at all.
const modes: readonly Mode[] = ['on', 'local', 'off'];

/** The mode that `--telemetry` names; undefined when it names none. */
export function readMode(word: string): Mode | undefined {
  return modes.find((mode) => mode === word);
}

/**
 * Stores the answer of a script. It answers where no person has, and it can tighten a stored
 * choice, but never loosen one. A choice that cannot be read counts as off.
 */
export function answerByFlag(context: TelemetryContext, wish: Mode): ChoiceResult {
  const found = modeStoredIn(context.watch.paths.dataDir);
  const stored = found === 'unreadable' ? 'off' : (found ?? 'on');
  if (modes.indexOf(wish) >= modes.indexOf(stored)) return choose(context.watch, wish, 'installer');
  const { mode } = context.watch.look();
  const message = `Telemetry stays ${stored}: your stored choice. To change it: codegraph telemetry ${wish}`;
  return { ok: true, mode, storedMode: stored, message };
}
