import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, posix, win32 } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../spec/support/home.ts';
import { frontVariable } from '../engine.ts';
import { findPathProblem } from './command-on-path.ts';

/** Folders: the first has a link to us, the second another command, the third one that is attached. */
function lay(ending: string): Readonly<Record<Place | 'self', string>> {
  const folder = temporaryFolder();
  const at = (name: string): string => join(folder, name);
  for (const name of ['ours', 'theirs', 'attached', 'empty']) mkdirSync(at(name));
  writeFileSync(at('codegraph.js'), '');
  for (const name of ['theirs', 'attached'])
    writeFileSync(join(at(name), `codegraph${ending}`), '');
  symlinkSync(at('codegraph.js'), join(at('ours'), `codegraph${ending}`));
  return {
    self: at('codegraph.js'),
    ours: at('ours'),
    theirs: at('theirs'),
    attached: at('attached'),
    empty: at('empty'),
  };
}

type Place = 'ours' | 'theirs' | 'attached' | 'empty';

describe
  .skipIf(process.platform === 'win32')
  .each<[platform: NodeJS.Platform, ending: string, delimiter: string]>([
    ['linux', '', posix.delimiter],
    ['darwin', '', posix.delimiter],
    ['win32', '.cmd', win32.delimiter],
  ])('on %s', (platform, ending, delimiter) => {
  it.each<[places: readonly Place[], expected: string]>([
    [['ours'], 'nothing'],
    [['empty', 'ours', 'theirs'], 'nothing'],
    [['empty', 'attached', 'theirs'], 'nothing'],
    [['theirs', 'ours'], 'not this command'],
    [['theirs', 'attached'], 'not this command'],
    [['empty'], 'no codegraph on your PATH'],
    [[], 'no codegraph on your PATH'],
  ])('with %j on the PATH the problem is %s', (places, expected) => {
    const laid = lay(ending);
    const env = {
      PATH: places.map((place) => laid[place]).join(delimiter),
      [frontVariable]: join(laid.attached, `codegraph${ending}`),
    };

    expect(findPathProblem(env, laid.self, platform) ?? 'nothing').toContain(expected);
  });
});
