import { join } from 'node:path';
import { frontVariable } from '../engine.ts';
import type { Place } from './place.ts';

/**
 * The program that stands in the place of `codegraph`. npm removes our package without a word to
 * us, so the launcher looks for it at each start, and without it runs the engine. `--no-telemetry`
 * is an option that the engine rejects; an MCP configuration may still hold it then.
 */
export function launcherText({ command, kept }: Place, frontFile: string): string {
  const own = join(command, '..', 'codegraph-telemetry');
  return `#!/bin/sh
# Written by: codegraph-telemetry attach. Undone by: codegraph-telemetry detach
# Runs codegraph through codegraph-telemetry. Without that package, or without Node, it runs
# the engine's own command, which lies beside this file.
front=${quote(frontFile)}
own=${quote(own)}
engine=${quote(kept)}
if command -v node >/dev/null 2>&1; then
  ${frontVariable}=${quote(command)}
  export ${frontVariable}
  [ -f "$front" ] && exec node "$front" "$@"
  [ -x "$own" ] || own=$(command -v codegraph-telemetry)
  [ -n "$own" ] && exec "$own" front "$@"
  unset ${frontVariable}
fi
if [ ! -x "$engine" ]; then
  echo 'codegraph: neither the engine nor codegraph-telemetry is installed any more.' >&2
  echo "Install the engine: npm install -g @colbymchenry/codegraph (and delete $0)" >&2
  exit 127
fi
options=yes
for arg; do
  shift
  [ "$arg" = -- ] && options=no
  if [ "$options$arg" = yes--no-telemetry ]; then
    CODEGRAPH_TELEMETRY=0
    export CODEGRAPH_TELEMETRY
  else
    set -- "$@" "$arg"
  fi
done
exec "$engine" "$@"
`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
