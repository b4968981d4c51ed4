import { existsSync } from 'node:fs';
import { findCountedProjects } from '../serve/engine-daemon.ts';
import { readContext } from '../telemetry/context.ts';
import { whyUnwritable } from '../telemetry/unwritable.ts';
import { decidedByWords } from '../../consent/words.ts';
import type { Change } from './attach.ts';
import { describeCountedBy, formatCountedBy } from './counted-by.ts';
import { findPlaces, isAttached, whyLocked } from './place.ts';

/** What was found: a fact, or a problem with the way to mend it. */
interface Finding {
  readonly isProblem: boolean;
  readonly text: string;
}

/** Says who counts on this machine, and how to mend what does not. Changes nothing. */
export function diagnose(env: NodeJS.ProcessEnv): Change {
  const findings = [...lookAtCommand(env), ...lookAtTelemetry()];
  const lines = findings.map(({ isProblem, text }) => `${isProblem ? 'mend' : 'ok  '}  ${text}`);
  const problems = findings.filter(({ isProblem }) => isProblem).length;
  const sum = problems === 0 ? 'Nothing to mend.' : `${problems} to mend.`;
  // Not an error: the answer was given.
  return { ok: true, message: `${lines.join('\n')}\n${sum}` };
}

function* lookAtCommand(env: NodeJS.ProcessEnv): Generator<Finding> {
  yield fact(`Node ${process.versions.node}`);
  const countedBy = describeCountedBy(env);
  if (countedBy.by === 'nothing') {
    yield problem(
      'There is no codegraph on your PATH. Install the engine, then attach:\n' +
        '      npm install -g @colbymchenry/codegraph && codegraph-telemetry attach',
    );
  } else if (countedBy.warning === null) {
    yield fact(`Counted by ${formatCountedBy(countedBy)}`);
  } else {
    yield problem(countedBy.warning);
  }
  if (countedBy.by === 'front' && countedBy.engine === null) {
    yield problem('The engine is not installed: npm install -g @colbymchenry/codegraph');
  }
  const [first, ...others] = findPlaces(env, ({ command }) => existsSync(command));
  for (const place of others) {
    if (isAttached(place)) {
      yield problem(
        `${place.command} is the front, but ${first?.command} comes before it on your PATH`,
      );
    } else yield fact(`${place.command} comes later on your PATH, so shells do not start it`);
  }
  for (const place of findPlaces(env, ({ launcher }) => existsSync(launcher))) {
    if (!isAttached(place)) {
      yield problem(
        `${place.launcher} is left of a front whose place was taken. ` +
          'Attach again, or remove it: codegraph-telemetry detach',
      );
    } else if (whyLocked(place) !== undefined) {
      yield fact(`Only the owner of ${place.command} can detach it`);
    }
  }
}

function* lookAtTelemetry(): Generator<Finding> {
  try {
    const { watch } = readContext(false);
    const { mode, decidedBy, warning } = watch.look();
    yield fact(`Telemetry is ${mode}, decided by ${decidedByWords[decidedBy]}`);
    const trouble = warning ?? (mode === 'off' ? null : whyUnwritable(watch.paths.dataDir));
    if (trouble !== null) yield problem(trouble);
    for (const project of findCountedProjects(watch.paths.dataDir)) {
      yield problem(
        `A daemon of the engine counts the tool calls in ${project} by its own telemetry. ` +
          'Stop it: codegraph daemon',
      );
    }
  } catch (error) {
    yield problem(error instanceof Error ? error.message : String(error));
  }
}

function fact(text: string): Finding {
  return { isProblem: false, text };
}

function problem(text: string): Finding {
  return { isProblem: true, text };
}
