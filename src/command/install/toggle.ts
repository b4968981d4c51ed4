import type { Consent } from '../../../contract/consent.ts';
import type { Mode } from '../../../contract/choice-file.ts';
import { dataVersions } from '../../../contract/data-version.ts';
import type { TelemetryContext } from '../telemetry/context.ts';
import { decidedByWords } from '../../consent/words.ts';
import type { Dialog } from './dialog.ts';

const question = `Share how codegraph is used?
Daily totals: which commands, tools, agents and languages. No code, no names, no paths.`;

const answers = [
  { value: 'on', label: 'Yes, share', hint: 'under a random id that is new in each month' },
  { value: 'local', label: 'Count for me only', hint: 'see: codegraph telemetry show' },
  { value: 'off', label: 'No', hint: 'nothing is counted' },
  { value: 'show', label: 'Show me exactly what would be sent first' },
] as const;

/**
 * The telemetry toggle. Asked once: where something has decided already, it says what, and returns
 * `decided`. Undefined is a cancel, which is a no. Stores nothing.
 */
export async function askConsent(
  dialog: Dialog,
  context: TelemetryContext,
): Promise<Mode | 'decided' | undefined> {
  const consent = context.watch.look();
  if (!isOpen(consent)) {
    dialog.say(sayDecided(consent));
    return 'decided';
  }
  if (consent.agreedTo !== undefined) dialog.say(sayNews(consent.agreedTo));
  const preset = consent.mode === 'local' ? 'local' : 'on';
  for (;;) {
    const answer = await dialog.choose(question, answers, preset);
    if (answer !== 'show') return answer;
    const { previewReport } = await import('./preview.ts');
    process.stdout.write(`\n${await previewReport(context)}\n`);
  }
}

/** Whether somebody has yet to answer: at all, or to what was added since. */
function isOpen({ decidedBy, agreedTo }: Consent): boolean {
  return decidedBy === 'default' || agreedTo !== undefined;
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
