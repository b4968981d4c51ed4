import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  beside,
  front,
  type Home,
  openHome,
  programOf,
  rowsOf,
  run,
  writeChoice,
  writePolicy,
} from './machine.ts';
import { listFiles } from '../support/list-files.ts';

interface Decision {
  readonly prepare?: (home: Home) => void;
  readonly env?: Readonly<Record<string, string>>;
  readonly mode: 'on' | 'local' | 'off';
  readonly decidedBy: string;
}

const id = '7b1c6a34-9c0e-4a7f-8f55-0c8d5a1d2e9b';
const yes = {
  enabled: true,
  machine_id: id,
  consent_source: 'installer',
  first_run_notice_shown: true,
};

const decisions: Readonly<Record<string, Decision>> = {
  'nothing was said': { mode: 'on', decidedBy: 'default' },
  'the stored choice is yes': {
    prepare: (home) => writeChoice(home, yes),
    mode: 'on',
    decidedBy: 'stored',
  },
  'the stored choice is no': {
    prepare: (home) => writeChoice(home, { ...yes, enabled: false }),
    mode: 'off',
    decidedBy: 'stored',
  },
  'the variable is 0': {
    prepare: (home) => writeChoice(home, yes),
    env: { CODEGRAPH_TELEMETRY: '0' },
    mode: 'off',
    decidedBy: 'CODEGRAPH_TELEMETRY',
  },
  'the variable is neither on nor off': {
    env: { CODEGRAPH_TELEMETRY: 'perhaps' },
    mode: 'off',
    decidedBy: 'CODEGRAPH_TELEMETRY',
  },
  'the variable is written in small letters, which Windows takes for the same': {
    env: { codegraph_telemetry: '0' },
    mode: 'off',
    decidedBy: 'CODEGRAPH_TELEMETRY',
  },
  'the machine has a policy in %ProgramData%': {
    prepare: (home) => {
      writeChoice(home, yes);
      writePolicy(home, { enabled: false });
    },
    env: { CODEGRAPH_TELEMETRY: '1' },
    mode: 'off',
    decidedBy: 'policy',
  },
  'DO_NOT_TRACK is set': {
    prepare: (home) => writeChoice(home, yes),
    env: { DO_NOT_TRACK: '1', CODEGRAPH_TELEMETRY: '1' },
    mode: 'off',
    decidedBy: 'DO_NOT_TRACK',
  },
};

const ofWindows = [
  'the machine has a policy in %ProgramData%',
  'the variable is written in small letters, which Windows takes for the same',
];

describe('the mode is decided where', beside, () => {
  for (const [name, { prepare, env = {}, mode, decidedBy }] of rowsOf(decisions, ofWindows)) {
    it(`${name}: ${mode}`, async () => {
      using home = openHome();
      prepare?.(home);
      const { code, stdout } = await run(home, [front, 'telemetry', 'status', '--json'], { env });
      const status: { mode: string; decidedBy: string } = JSON.parse(stdout.toString());
      assert.deepEqual([code, status.mode, status.decidedBy], [0, mode, decidedBy]);

      const before = listFiles(home.home);
      const counting = "openTelemetry({ version: '1.6.1' }).count('cli_command', 'query');";
      await run(home, [programOf(home, counting)], { env });
      assert.equal(listFiles(home.home).length > before.length, mode !== 'off');
    });
  }
});
