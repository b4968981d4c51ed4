import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { openHome, type TestHome } from '../../spec/support/home.ts';
import { answers, engineQuestions, toggle } from '../../spec/support/install-steps.ts';
import { front } from '../../spec/support/paths.ts';
import { keys, openScreen } from '../../spec/support/screen.ts';
import { drawFrames, takeFrame } from './terminal-svg.ts';

const title = 'codegraph install in a terminal: one question about telemetry, then the engine';

/**
 * The README's picture: the real installer in a real terminal, when it asks about telemetry and
 * when the engine has asked first. Nothing is installed, and the home is a temporary one.
 */
export async function drawInstall(): Promise<string> {
  using home = openHome();
  for (const folder of ['.claude', '.cursor', '.codex']) mkdirSync(join(home.home, folder));
  using screen = openScreen(home, ['install'], {
    columns: 80,
    rows: 24,
    env: { PATH: withOurs(home) },
  });
  await screen.asks(toggle);
  const asked = takeFrame(screen.terminal);
  screen.type(...answers.yes);
  await screen.asks(engineQuestions.agents[0]);
  const answered = takeFrame(screen.terminal, /Share how/);
  screen.type(keys.ctrlC);
  await screen.ended;
  return drawFrames([asked, answered], title);
}

/** A PATH on which `codegraph` is ours, as after `npm install -g`. */
function withOurs({ root }: TestHome): string {
  const folder = join(root, 'bin');
  mkdirSync(folder);
  symlinkSync(front, join(folder, 'codegraph'));
  return `${folder}:${process.env['PATH'] ?? ''}`;
}
