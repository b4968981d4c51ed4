import { dirname } from 'node:path';
import { frontVariable } from '../engine.ts';
import { attachAt } from './attach.ts';
import { isAttached, placeIn } from './place.ts';

/**
 * After a run that may have replaced the command, such as `upgrade`: takes the place again, and says
 * so on stderr. Does nothing where the front was not attached.
 */
export function keepPlace(env: NodeJS.ProcessEnv): void {
  const command = env[frontVariable];
  if (!command) return;
  const place = placeIn(dirname(command));
  if (isAttached(place)) return;
  const { ok, message } = attachAt(place, env);
  process.stderr.write(
    ok
      ? 'codegraph: the engine had put its own command back; codegraph-telemetry took its place again.\n'
      : `codegraph: the engine has put its own command back: its use is not counted here any more.\n${message}\nTo mend it: codegraph-telemetry attach\n`,
  );
}
