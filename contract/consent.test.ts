import { textFiles } from '../spec/support/text-files.ts';
import * as files from 'node:fs';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { temporaryPaths } from '../spec/support/home.ts';
import { type Consent, type ConsentOverrides, decideConsent, isTurnedOff } from './consent.ts';
import { choiceFileName, noticeFile, spoolFolder } from './files.ts';

const choices = {
  none: undefined,
  on: '{"enabled":true,"consent_source":"cli"}',
  off: '{"enabled":false,"consent_source":"cli"}',
  local: '{"enabled":false,"consent_source":"cli","mode":"local"}',
  default: '{"enabled":true,"consent_source":"default-notice"}',
  unknown: '{"enabled":true,"consent_source":"alices-tool"}',
  onAgain: '{"enabled":true,"generation":2}',
  offAgain: '{"enabled":false,"generation":3}',
  early: '{"enabled":true,"data_version":0}',
  broken: '{"enabled":tru',
};
const notices = {
  none: undefined,
  seen: '{"seen_at":"2026-11-22T08:00:00.000Z"}',
  unseen: '{"seen_at":null}',
  broken: 'seen',
};
const dayAfterNotice = Date.parse('2026-11-23T08:00:00.000Z');

interface Machine {
  readonly DO_NOT_TRACK?: string;
  readonly policy?: string;
  readonly flag?: boolean;
  readonly CODEGRAPH_TELEMETRY?: string;
  readonly stored?: keyof typeof choices;
  readonly notice?: keyof typeof notices;
}

function decideOn(machine: Machine, build?: Parameters<typeof decideConsent>[3]): Consent {
  const paths = temporaryPaths();
  const write = (path: string, text: string | undefined): void => {
    if (text !== undefined) writeFileSync(path, text);
  };
  mkdirSync(join(paths.dataDir, spoolFolder));
  write(paths.policyFile, machine.policy);
  write(join(paths.dataDir, choiceFileName), choices[machine.stored ?? 'none']);
  write(join(paths.dataDir, noticeFile), notices[machine.notice ?? 'none']);
  const overrides: ConsentOverrides = {
    doNotTrack: machine.DO_NOT_TRACK,
    codegraphTelemetry: machine.CODEGRAPH_TELEMETRY,
    hasFlag: machine.flag ?? false,
  };
  return decideConsent(overrides, paths, files, build);
}

const off = (decidedBy: Consent['decidedBy']): object => ({
  mode: 'off',
  decidedBy,
  sendFrom: Infinity,
  generation: 0,
});
const on = (decidedBy: Consent['decidedBy'], sendFrom: number): object => ({
  mode: 'on',
  decidedBy,
  sendFrom,
  generation: 0,
});
const yes = { CODEGRAPH_TELEMETRY: '1', stored: 'on' } as const;

describe('is off', () => {
  test.each<[what: string, machine: Machine, decidedBy: Consent['decidedBy']]>([
    ['DO_NOT_TRACK=1', { DO_NOT_TRACK: '1' }, 'DO_NOT_TRACK'],
    ['DO_NOT_TRACK=true', { DO_NOT_TRACK: 'true' }, 'DO_NOT_TRACK'],
    ['DO_NOT_TRACK of any word', { DO_NOT_TRACK: 'please' }, 'DO_NOT_TRACK'],
    ['DO_NOT_TRACK against every yes', { DO_NOT_TRACK: '1', ...yes }, 'DO_NOT_TRACK'],
    ['DO_NOT_TRACK before a policy', { DO_NOT_TRACK: '1', policy: '' }, 'DO_NOT_TRACK'],
    ['a policy', { policy: '{"enabled":false}' }, 'policy'],
    ['an empty policy', { policy: '' }, 'policy'],
    ['a policy that says true', { policy: '{"enabled":true}' }, 'policy'],
    ['a policy against every yes', { policy: '', ...yes }, 'policy'],
    ['the flag', { flag: true }, '--no-telemetry'],
    ['the flag against every yes', { flag: true, ...yes }, '--no-telemetry'],
    ['CODEGRAPH_TELEMETRY=0', { CODEGRAPH_TELEMETRY: '0' }, 'CODEGRAPH_TELEMETRY'],
    ['CODEGRAPH_TELEMETRY=false', { CODEGRAPH_TELEMETRY: 'false' }, 'CODEGRAPH_TELEMETRY'],
    ['CODEGRAPH_TELEMETRY=OFF', { CODEGRAPH_TELEMETRY: 'OFF' }, 'CODEGRAPH_TELEMETRY'],
    ['CODEGRAPH_TELEMETRY=" no "', { CODEGRAPH_TELEMETRY: ' no ' }, 'CODEGRAPH_TELEMETRY'],
    [
      'the variable over the file',
      { CODEGRAPH_TELEMETRY: '0', stored: 'on' },
      'CODEGRAPH_TELEMETRY',
    ],
    ['a stored no', { stored: 'off' }, 'stored'],
    ['a stored no, notice or not', { stored: 'off', notice: 'seen' }, 'stored'],
  ])('%s', (_, machine, decidedBy) => {
    expect(decideOn(machine)).toEqual(off(decidedBy));
  });

  test.each<[what: string, machine: Machine, decidedBy: Consent['decidedBy'], warning: RegExp]>([
    [
      'a word that is neither',
      { CODEGRAPH_TELEMETRY: 'maybe' },
      'CODEGRAPH_TELEMETRY',
      /unknown value/,
    ],
    ['the word local', { CODEGRAPH_TELEMETRY: 'local' }, 'CODEGRAPH_TELEMETRY', /unknown value/],
    [
      'the number 2',
      { CODEGRAPH_TELEMETRY: '2', stored: 'on' },
      'CODEGRAPH_TELEMETRY',
      /unknown value/,
    ],
    ['a broken file', { stored: 'broken', notice: 'seen' }, 'unreadable', /not a JSON object/],
  ])('and says why: %s', (_, machine, decidedBy, warning) => {
    expect(decideOn(machine)).toEqual({
      ...off(decidedBy),
      warning: expect.stringMatching(warning) as string,
    });
  });
});

describe('may never send', () => {
  test.each<[what: string, machine: Machine, consent: object]>([
    ['a new machine', {}, on('default', Infinity)],
    ['a notice that nobody saw', { notice: 'unseen' }, on('default', Infinity)],
    ['a notice that cannot be read', { notice: 'broken' }, on('default', Infinity)],
    ['the notice of the engine alone', { stored: 'default' }, on('default', Infinity)],
    ['a source that nobody knows', { stored: 'unknown' }, on('default', Infinity)],
    ['local', { stored: 'local' }, { ...off('stored'), mode: 'local' }],
  ])('%s', (_, machine, consent) => {
    expect(decideOn(machine)).toEqual(consent);
  });
});

describe('is on', () => {
  test.each<[what: string, machine: Machine, consent: object]>([
    ['CODEGRAPH_TELEMETRY=1', { CODEGRAPH_TELEMETRY: '1' }, on('CODEGRAPH_TELEMETRY', 0)],
    ['CODEGRAPH_TELEMETRY=TRUE', { CODEGRAPH_TELEMETRY: 'TRUE' }, on('CODEGRAPH_TELEMETRY', 0)],
    ['CODEGRAPH_TELEMETRY=on', { CODEGRAPH_TELEMETRY: 'on' }, on('CODEGRAPH_TELEMETRY', 0)],
    ['CODEGRAPH_TELEMETRY=yes', { CODEGRAPH_TELEMETRY: 'yes' }, on('CODEGRAPH_TELEMETRY', 0)],
    ['the variable over a stored no', { ...yes, stored: 'off' }, on('CODEGRAPH_TELEMETRY', 0)],
    ['a stored yes', { stored: 'on' }, on('stored', 0)],
    ['a stored yes without a notice', { stored: 'on', notice: 'none' }, on('stored', 0)],
    ['an empty variable', { CODEGRAPH_TELEMETRY: '', stored: 'on' }, on('stored', 0)],
    ['a blank variable', { CODEGRAPH_TELEMETRY: '  ', stored: 'on' }, on('stored', 0)],
    ['an empty DO_NOT_TRACK', { DO_NOT_TRACK: '', stored: 'on' }, on('stored', 0)],
    ['a blank DO_NOT_TRACK', { DO_NOT_TRACK: ' ', stored: 'on' }, on('stored', 0)],
    ['DO_NOT_TRACK=0', { DO_NOT_TRACK: '0', stored: 'on' }, on('stored', 0)],
    ['DO_NOT_TRACK=False', { DO_NOT_TRACK: 'False', stored: 'on' }, on('stored', 0)],
    ['a day after the notice', { notice: 'seen' }, on('default', dayAfterNotice)],
    [
      'the same with the engine’s',
      { stored: 'default', notice: 'seen' },
      on('default', dayAfterNotice),
    ],
    [
      'the same with a stranger’s',
      { stored: 'unknown', notice: 'seen' },
      on('default', dayAfterNotice),
    ],
  ])('%s', (_, machine, consent) => {
    expect(decideOn(machine)).toEqual(consent);
  });
});

// One column a voice, in the order of precedence; one line a value that it can have, and what it
// says: nothing at all, or what decides.
const voices: {
  readonly [Key in keyof Machine]-?: readonly (readonly [Machine[Key], Partial<Consent>?])[];
} = {
  DO_NOT_TRACK: [
    [undefined],
    [''],
    ['0'],
    ['1', { mode: 'off', decidedBy: 'DO_NOT_TRACK' }],
    ['yes', { mode: 'off', decidedBy: 'DO_NOT_TRACK' }],
  ],
  policy: [[undefined], ['', { mode: 'off', decidedBy: 'policy' }]],
  flag: [[false], [true, { mode: 'off', decidedBy: '--no-telemetry' }]],
  CODEGRAPH_TELEMETRY: [
    [undefined],
    [''],
    ['1', { mode: 'on', decidedBy: 'CODEGRAPH_TELEMETRY', sendFrom: 0 }],
    ['0', { mode: 'off', decidedBy: 'CODEGRAPH_TELEMETRY' }],
    ['maybe', { mode: 'off', decidedBy: 'CODEGRAPH_TELEMETRY' }],
  ],
  stored: [
    ['none'],
    ['default'],
    ['on', { mode: 'on', decidedBy: 'stored', sendFrom: 0 }],
    ['local', { mode: 'local', decidedBy: 'stored', sendFrom: Infinity }],
    ['off', { mode: 'off', decidedBy: 'stored' }],
    ['broken', { mode: 'off', decidedBy: 'unreadable' }],
  ],
  notice: [
    ['none', { mode: 'on', decidedBy: 'default', sendFrom: Infinity }],
    ['unseen', { mode: 'on', decidedBy: 'default', sendFrom: Infinity }],
    ['seen', { mode: 'on', decidedBy: 'default', sendFrom: dayAfterNotice }],
  ],
};

/** Every machine that there can be, with what the first voice that speaks says on it. */
function allMachines(): readonly (readonly [machine: Machine, expected: Partial<Consent>])[] {
  let machines: [Machine, Partial<Consent> | undefined][] = [[{}, undefined]];
  for (const [name, values] of Object.entries(voices)) {
    machines = machines.flatMap(([machine, decided]) =>
      values.map(([value, says]): (typeof machines)[number] => [
        { ...machine, [name]: value },
        decided ?? says,
      ]),
    );
  }
  return machines.map(([machine, decided]) => [machine, decided ?? {}]);
}

it('the first voice that speaks decides, in every combination', () => {
  const machines = allMachines();
  expect(machines).toHaveLength(5 * 2 * 2 * 5 * 6 * 3);
  for (const [machine, expected] of machines) {
    expect({ machine, ...decideOn(machine) }).toMatchObject({ machine, ...expected });
  }
});

test.each<[what: string, stored: Machine['stored'], consent: object]>([
  ['how often it was turned off', 'onAgain', { mode: 'on', generation: 2 }],
  ['that too when it is off', 'offAgain', { mode: 'off', generation: 3 }],
  ['that an answer was to less than is collected now', 'early', { mode: 'on', agreedTo: 0 }],
])('says %s', (_, stored = 'none', consent) => {
  expect(decideOn({ stored })).toMatchObject(consent);
});

test.each<[what: string, machine: Machine, isFinal: boolean]>([
  ['a stored no', { stored: 'off' }, true],
  ['a file that cannot be read', { stored: 'broken' }, false],
  ['the environment of one process', { CODEGRAPH_TELEMETRY: '0' }, false],
  ['a policy', { policy: '' }, false],
  ['the flag', { flag: true }, false],
  ['a stored yes', { stored: 'on' }, false],
  ['local', { stored: 'local' }, false],
])(
  'deletes what is stored for an owner who said no, and for nothing else: %s',
  (_, machine, isFinal) => {
    expect(isTurnedOff(decideOn(machine))).toBe(isFinal);
  },
);

describe('a build', () => {
  test.each<[what: string, machine: Machine, consent: object]>([
    ['a new machine', {}, off('build')],
    ['a notice of another build', { notice: 'seen' }, off('build')],
    ['a default of the engine', { stored: 'default', notice: 'seen' }, off('build')],
    ['a stored yes', { stored: 'on' }, on('stored', 0)],
    ['the variable', { CODEGRAPH_TELEMETRY: '1' }, on('CODEGRAPH_TELEMETRY', 0)],
    ['a stored no', { stored: 'off' }, off('stored')],
  ])('that is off by default needs a yes: %s', (_, machine, consent) => {
    expect(decideOn(machine, 'default-off')).toEqual(consent);
  });
});

it('reads no file of the user while something before it decides', () => {
  const seen: string[] = [];
  const watched = textFiles((path) => {
    seen.push(path);
    return undefined;
  });
  const paths = { dataDir: '/home', policyFile: '/policy' };
  const overrides = { doNotTrack: undefined, codegraphTelemetry: undefined, hasFlag: false };
  decideConsent({ ...overrides, doNotTrack: '1' }, paths, watched);
  expect(seen).toEqual([]);
  decideConsent({ ...overrides, hasFlag: true }, paths, watched);
  decideConsent({ ...overrides, codegraphTelemetry: '1' }, paths, watched);
  // A yes is looked at twice more: whether its folders are this user's alone.
  const folders = process.platform === 'win32' ? [] : ['/home', '/home/telemetry'];
  expect(seen).toEqual(['/policy', '/policy', ...folders]);
});

it('obeys a policy that it may not look at', () => {
  const forbidden = textFiles(() => {
    throw Object.assign(new Error('permission denied'), { code: 'EACCES' });
  });
  const overrides = { doNotTrack: undefined, codegraphTelemetry: '1', hasFlag: false };
  expect(decideConsent(overrides, { dataDir: '/home', policyFile: '/policy' }, forbidden)).toEqual(
    off('policy'),
  );
});
