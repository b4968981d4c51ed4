import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { machinePath } from '../../scripts/set-up/paths.mjs';
import { openHome, type TestHome } from '../support/home.ts';
import { answers, toggle } from '../support/install-steps.ts';
import { dist, front, modules } from '../support/paths.ts';
import { openScreen, type Screen } from '../support/screen.ts';

/** What a person sees of us in a narrow terminal, where no word may be cut. */

const own = join(dist, 'codegraph-telemetry.js');

interface Scene {
  readonly command?: string;
  readonly args: readonly string[];
  /** Until all of it is shown. Else it is run to its end. */
  readonly until?: (screen: Screen) => Promise<void>;
  readonly before?: readonly (readonly string[])[];
}

const scenes: Readonly<Record<string, Scene>> = {
  'the question of `codegraph install`': {
    args: ['install'],
    until: (screen) => screen.asks(toggle),
  },
  'the preview of `codegraph install`': {
    args: ['install'],
    until: async (screen) => {
      await screen.asks(toggle);
      screen.type(...answers.show);
      await screen.shows('"machine_id"');
      await screen.asks(toggle);
    },
  },
  'what stands there after the question': {
    args: ['install'],
    until: async (screen) => {
      await screen.asks(toggle);
      screen.type(...answers.no);
      await screen.shows('installer follows');
    },
  },
  'what a decided `codegraph install` says': {
    args: ['install'],
    before: [['off']],
    until: (screen) => screen.shows('installer follows'),
  },
  'the notice': { args: ['sync'] },
  '`codegraph telemetry status`': { args: ['telemetry', 'status'] },
  '`codegraph telemetry off`': { args: ['telemetry', 'off'] },
  '`codegraph-telemetry status`': { command: own, args: ['status'] },
  '`codegraph-telemetry attach`': { command: own, args: ['attach'] },
  '`codegraph-telemetry attach` twice': { command: own, args: ['attach'], before: [['attach']] },
  '`codegraph-telemetry detach`': { command: own, args: ['detach'], before: [['attach']] },
  '`codegraph-telemetry detach` of nothing': { command: own, args: ['detach'] },
  '`codegraph-telemetry doctor`': { command: own, args: ['doctor'] },
};

// Nothing of ours is as wide as this, except an endpoint or a path.
const wide = 400;

describe.skipIf(process.platform === 'win32').each([80, 40])('in %d columns', (columns) => {
  it.each(Object.keys(scenes))('no word is cut in %s', async (name) => {
    using home = openHome();
    const scene = scenes[name]!;
    const whole = wordsOf(await show(home, scene, wide));
    const seen = wordsOf(await show(home, scene, columns));

    const isLong = (word: string): boolean => word.length > columns - margin;
    const long = whole.filter(isLong).join(' ');
    const cut = seen.filter((word) => !whole.includes(word) && !long.includes(word));
    expect(cut).toEqual([]);
    expect(seen.length).toBeGreaterThanOrEqual(whole.length);
  });
});

// What stands before each line: the label of a row, at most, and a column to spare.
const margin = 16;

/** What stands there in a terminal of this width, where nothing was ever run. */
async function show(home: TestHome, scene: Scene, columns: number): Promise<string> {
  rmSync(home.home, { recursive: true });
  mkdirSync(home.home);
  const env = { PATH: layCommand(home), CODEGRAPH_TELEMETRY_ENDPOINT: 'http://127.0.0.1:9/' };
  for (const args of scene.before ?? []) {
    using first = openScreen(home, args, { command: own, env });
    await first.ended;
  }
  const { command = front, args } = scene;
  using screen = openScreen(home, args, { command, env, columns, rows: 300 });
  if (scene.until === undefined) await screen.ended;
  else await scene.until(screen);
  return screen.text();
}

function wordsOf(text: string): readonly string[] {
  return text.split(/[\s│─╭╮╰╯├┤┌└]+/u).filter(Boolean);
}

/** A PATH with the engine's command, as npm has linked it. */
function layCommand({ root }: TestHome): string {
  const bin = join(root, 'bin');
  rmSync(bin, { recursive: true, force: true });
  mkdirSync(bin);
  symlinkSync(join(modules, '@colbymchenry', 'codegraph', 'npm-shim.js'), join(bin, 'codegraph'));
  return [bin, machinePath()].join(delimiter);
}
