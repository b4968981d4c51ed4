/**
 * Precedes both commands in their files. A Node without `getBuiltinModule` is too old for the rest:
 * there the engine's own launcher runs, which knows every Node, and nothing is counted. Only what
 * Node 16 knows may be used here.
 */
if (!('getBuiltinModule' in process)) await runEngineAlone();

async function runEngineAlone(): Promise<void> {
  const { createRequire } = await import('node:module');
  const { spawnSync } = await import('node:child_process');
  const { default: path } = await import('node:path');
  const { existsSync } = await import('node:fs');
  const { env, version } = process;
  const isOwn = import.meta.url.endsWith('/codegraph-telemetry.js');
  const args = [...(isOwn ? ['telemetry'] : []), ...process.argv.slice(2)];
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  const passed = args.filter((arg, index) => arg !== '--no-telemetry' || index > end);
  const [word, operand] = args.filter((arg) => !arg.startsWith('-'));

  // A no to the engine is a no to us.
  if (word === 'telemetry' && operand !== 'off') {
    process.stderr.write(
      `error: this needs Node 20.19 or newer, and this is ${version}. Nothing is counted here.\n` +
        'To turn telemetry off: codegraph telemetry off, or CODEGRAPH_TELEMETRY=0\n',
    );
    process.exit(1);
  }
  const [file, ...prefix] = findLauncher();
  const result = spawnSync(file, [...prefix, ...passed], {
    stdio: 'inherit',
    windowsHide: true,
    env: {
      ...env,
      CODEGRAPH_TELEMETRY_FRONT: undefined,
      ...(word === 'telemetry' ? {} : { CODEGRAPH_TELEMETRY: '0' }),
      CODEGRAPH_HOST_PPID: env['CODEGRAPH_HOST_PPID'] || String(process.ppid),
    },
  });
  if (result.error) process.stderr.write(`codegraph: ${result.error.message}\n`);
  process.exit(result.status === null ? 1 : result.status);

  function findLauncher(): readonly [string, ...string[]] {
    const front = env['CODEGRAPH_TELEMETRY_FRONT'];
    const kept = front ? path.join(path.dirname(front), 'codegraph-engine') : '';
    if (kept && existsSync(kept)) return [kept];
    try {
      const { resolve } = createRequire(import.meta.url);
      const manifest = resolve('@colbymchenry/codegraph/package.json');
      return [process.execPath, path.join(path.dirname(manifest), 'npm-shim.js')];
    } catch {
      const named = env['CODEGRAPH_ENGINE'];
      if (named) return [named];
    }
    process.stderr.write(
      'codegraph: the engine is not installed. Install it: npm install -g @colbymchenry/codegraph\n',
    );
    process.exit(127);
  }
}
