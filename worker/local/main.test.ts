import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { reportOf } from './stage.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

test('npm run ingest -- --demo prints the address of a page of generated machines', async () => {
  const child = spawn(process.execPath, [main, '--port', '0', '--sink', 'd1', '--demo'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  while (!/machines: \S+\n/.test(output)) await once(child.stdout, 'data');
  const [, address = ''] = /machines: (\S+)/.exec(output) ?? [];
  const page = await (await fetch(address)).text();
  expect(page).toContain('codegraph_impact is worse since 1.8.0');
  child.kill('SIGTERM');
  await ended;
}, 120_000);

test('npm run ingest prints where it is and what arrives, and ends on a signal', async () => {
  const child = spawn(process.execPath, [main, '--port', '0', '--sink', 'both'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = once(child, 'exit');

  while (!output.includes('export ')) await once(child.stdout, 'data');
  const [, endpoint = ''] = /CODEGRAPH_TELEMETRY_ENDPOINT=(\S+)/.exec(output) ?? [];
  const { status } = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(reportOf(1)),
  });
  expect(status).toBe(204);
  while (!output.includes('"event":"usage_rollup"')) await once(child.stdout, 'data');

  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(output).toContain('cli_command');
  expect(errors).toBe('');
});
