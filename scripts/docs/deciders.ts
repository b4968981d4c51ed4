import type { ReadableFiles } from '../../contract/file-access.ts';
import { textFiles } from '../../spec/support/text-files.ts';
import { buildPolicies, type BuildPolicy } from '../../contract/build-policy.ts';
import {
  type Consent,
  type ConsentOverrides,
  type DecidedBy,
  decideConsent,
} from '../../contract/consent.ts';
import { choiceFileName } from '../../contract/files.ts';
import { code, table } from './markdown.ts';

/** Everything that can have a say, as one process may find it. */
interface Situation extends ConsentOverrides {
  readonly hasPolicy: boolean;
  /** Text of the choice file. */
  readonly choice: string | undefined;
}

const silent: Situation = {
  doNotTrack: undefined,
  hasPolicy: false,
  hasFlag: false,
  codegraphTelemetry: undefined,
  choice: undefined,
};

const names: Readonly<Record<DecidedBy, string>> = {
  DO_NOT_TRACK: 'the environment variable `DO_NOT_TRACK`',
  policy: 'a policy file of the machine, whatever it says',
  '--no-telemetry': 'the flag `--no-telemetry`',
  CODEGRAPH_TELEMETRY: 'the environment variable `CODEGRAPH_TELEMETRY`',
  stored: 'your stored choice',
  unreadable: 'a choice file that cannot be understood: off',
  default: 'nobody: on by default, with the notice and its wait before anything is sent',
  build: 'whoever built this copy',
};

/** Who decides, first match first: found by asking the code, and taking away who answered. */
export function describeOrder(): string {
  let situation: Situation = {
    doNotTrack: '1',
    hasPolicy: true,
    hasFlag: true,
    codegraphTelemetry: '0',
    choice: '{"enabled":false}',
  };
  const order: DecidedBy[] = [];
  while (order.at(-1) !== 'default') {
    const { decidedBy } = decide(situation);
    order.push(decidedBy);
    situation = { ...situation, ...without(decidedBy) };
  }
  return order.map((decider, index) => `${index + 1}. ${names[decider]}`).join('\n');
}

function without(decidedBy: DecidedBy): Partial<Situation> {
  switch (decidedBy) {
    case 'DO_NOT_TRACK':
      return { doNotTrack: undefined };
    case 'policy':
      return { hasPolicy: false };
    case '--no-telemetry':
      return { hasFlag: false };
    case 'CODEGRAPH_TELEMETRY':
      return { codegraphTelemetry: undefined };
    case 'stored':
    case 'unreadable':
    case 'default':
    case 'build':
      return { choice: undefined };
  }
}

// Lower and upper case are the same to both.
const values = ['1', 'true', 'on', 'yes', '0', 'false', 'off', 'no', '', 'any other'];

/** What each value of the two variables means: found by asking the code. */
export function describeVariables(): string {
  const rows = values.map((value) => [
    value === '' ? 'empty' : value === 'any other' ? value : code(value),
    say(decide({ ...silent, doNotTrack: value })),
    say(decide({ ...silent, codegraphTelemetry: value })),
  ]);
  return table(['Value', '`DO_NOT_TRACK`', '`CODEGRAPH_TELEMETRY`'], rows);
}

function say({ decidedBy, mode, warning }: Consent): string {
  if (decidedBy === 'default') return 'decides nothing';
  return warning === undefined ? mode : `${mode}, and \`status\` warns`;
}

const choices: readonly (readonly [what: string, text: string | undefined])[] = [
  ['no file', undefined],
  ['`"enabled": true`', '{"enabled":true}'],
  ['`"enabled": false`', '{"enabled":false}'],
  ['`"enabled": false` and `"mode": "local"`', '{"enabled":false,"mode":"local"}'],
  [
    '`"enabled": true` and `"consent_source": "default-notice"`: the engine assumed it',
    '{"enabled":true,"consent_source":"default-notice"}',
  ],
  ['`"enabled"` is no boolean', '{"enabled":"true"}'],
  ['`"machine_id"` is neither null nor a UUIDv4', '{"enabled":true,"machine_id":"me"}'],
  ['`"data_version"` is not a natural number', '{"enabled":true,"data_version":"1"}'],
  ['cut off, empty, or not JSON', '{"enabled":tr'],
];

/** What the choice file's content means: found by asking the code. */
export function describeChoices(): string {
  const rows = choices.map(([what, choice]) => {
    const { mode, decidedBy } = decide({ ...silent, choice });
    return [what, decidedBy === 'default' ? 'on, with the notice and its wait' : mode];
  });
  return table(['The choice file', 'Telemetry is'], rows);
}

// Asked as of our own build, whatever this one is.
function decide(situation: Situation): Consent {
  return decideIn(situation, 'default-on');
}

function decideIn(situation: Situation, policy: BuildPolicy): Consent {
  const paths = { dataDir: 'home', policyFile: 'policy' };
  return decideConsent(situation, paths, filesOf(situation), policy);
}

/** A file system with nothing but the policy and the choice in it. */
function filesOf({ choice, hasPolicy }: Situation): ReadableFiles {
  return textFiles((path) => {
    if (path === 'policy') return hasPolicy ? '' : undefined;
    return path === `home/${choiceFileName}` ? choice : undefined;
  });
}

/** What a distributor's build changes: found by asking the code. */
export function describeBuilds(): string {
  const rows = buildPolicies.map((policy) => [
    code(policy),
    sayBuild(decideIn({ ...silent }, policy)),
    sayBuild(decideIn({ ...silent, choice: '{"enabled":true}' }, policy)),
  ]);
  return table(['Built with `TELEMETRY_POLICY`', 'Without a choice', 'After `telemetry on`'], rows);
}

function sayBuild({ decidedBy, mode }: Consent): string {
  return decidedBy === 'default' ? `${mode}, with the notice and its wait` : mode;
}
