import { type Engine, frontVariable } from '../engine.ts';
import type { Place } from './place.ts';

const head = 'Written by: codegraph-telemetry attach. Undone by: codegraph-telemetry detach';

/**
 * The program that the commands of Windows start. As on other systems it looks for our package at
 * each start, and without it runs the engine, which rejects `--no-telemetry`.
 */
export function windowsLauncherText(
  { command }: Place,
  frontFile: string,
  engine: Engine | undefined,
): string {
  const program = engine === undefined ? [] : [engine.file, ...engine.prefix];
  return `// ${head}
// Runs codegraph through codegraph-telemetry. Without that package, or on a Node that is too old
// for it, it runs the engine.
'use strict';
const { spawnSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const { pathToFileURL } = require('node:url');

const front = ${JSON.stringify(frontFile)};
const engine = ${JSON.stringify(program)};

if ('getBuiltinModule' in process && existsSync(front)) {
  process.env.${frontVariable} = ${JSON.stringify(command)};
  process.argv[1] = front;
  import(pathToFileURL(front).href);
} else {
  runEngine(process.argv.slice(2));
}

function runEngine(args) {
  if (!existsSync(engine[engine.length - 1] || '')) {
    console.error(
      'codegraph: neither the engine nor codegraph-telemetry is installed any more.\\n' +
        'Install the engine: npm install -g @colbymchenry/codegraph',
    );
    process.exit(127);
  }
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  const passed = args.filter((arg, index) => arg !== '--no-telemetry' || index > end);
  if (passed.length < args.length) process.env.CODEGRAPH_TELEMETRY = '0';
  const [file, ...prefix] = engine;
  const { status, error } = spawnSync(file, [...prefix, ...passed], { stdio: 'inherit' });
  if (error) console.error('codegraph: ' + error.message);
  process.exit(status === null ? 1 : status);
}
`;
}

/**
 * One of the commands that start it, in the language of a shell. They name no path: cmd.exe would
 * read it in the code page of the console.
 */
export function windowsCommandText(ending: string, launcher: string): string {
  if (ending === '.cmd') return batch(launcher);
  return ending === '.ps1' ? powerShell(launcher) : shell(launcher);
}

/**
 * A quoted name leaves %~dp0 wrong outside a subroutine, and a label that is not there ends the
 * batch before Node starts: else Ctrl-C makes cmd.exe ask whether to end it.
 */
function batch(launcher: string): string {
  const lines = [
    '@echo off',
    `rem ${head}`,
    'goto start',
    ':find',
    'set here=%~dp0',
    'exit /b',
    ':start',
    'setlocal',
    'call :find',
    `endlocal & goto #ended# 2>nul || title %comspec% & node "%here%${launcher}" %*`,
  ];
  return lines.map((line) => `${line}\r\n`).join('');
}

function powerShell(launcher: string): string {
  return `#!/usr/bin/env pwsh
# ${head}
$launcher = Join-Path $PSScriptRoot '${launcher}'
if ($MyInvocation.ExpectingInput) { $input | & node $launcher $args } else { & node $launcher $args }
exit $LASTEXITCODE
`;
}

function shell(launcher: string): string {
  return `#!/bin/sh
# ${head}
here=$(dirname "$(echo "$0" | sed -e 's,\\\\,/,g')")
command -v cygpath >/dev/null 2>&1 && here=$(cygpath -w "$here")
exec node "$here/${launcher}" "$@"
`;
}
