import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { dayOf, noonOf } from '../../contract/day.ts';
import { closeStages, openStage } from './stage.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const engine = join(root, 'node_modules/@colbymchenry/codegraph/npm-shim.js');
const clock = join(root, 'examples/story/clock-of-yesterday.mjs');

afterEach(closeStages);

type Day = 'yesterday' | 'today';

/** A home of its own, with the published engine and a project of two languages. */
interface Machine {
  readonly run: (when: Day, ...args: readonly string[]) => Promise<void>;
  /** An agent asks the MCP server once. */
  readonly ask: (when: Day) => Promise<void>;
  readonly readId: () => string;
}

function openMachine(endpoint: string): Machine {
  const folder = mkdtempSync(join(tmpdir(), 'codegraph-ingest-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const home = join(folder, 'home');
  const cwd = join(folder, 'project');
  for (const path of [home, cwd]) mkdirSync(path);
  writeFileSync(join(cwd, 'main.go'), 'package main\n\nfunc main() { greet() }\n');
  writeFileSync(join(cwd, 'greet.py'), 'def greet():\n    return "hello"\n');
  // Nothing of whoever runs this, and the clock of a process that is told to live yesterday.
  const environment = (when: Day): Record<string, string> => ({
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    USERPROFILE: home,
    CODEGRAPH_TELEMETRY: '1',
    CODEGRAPH_TELEMETRY_ENDPOINT: endpoint,
    CODEGRAPH_NO_UPDATE_CHECK: '1',
    CODEGRAPH_NO_DOWNLOAD: '1',
    CODEGRAPH_NO_DAEMON: '1',
    ...(when === 'yesterday' ? { NODE_OPTIONS: `--import=${clock}` } : {}),
  });
  return {
    run: async (when, ...args) => {
      const options = { cwd, env: environment(when) };
      await promisify(execFile)(process.execPath, [engine, ...args], options);
    },
    ask: async (when) => {
      const client = new Client({ name: 'claude-code', version: '2.1.37' });
      const args = [engine, 'serve', '--mcp'];
      const options = { command: process.execPath, args, cwd, env: environment(when) };
      await client.connect(new StdioClientTransport({ ...options, stderr: 'ignore' }));
      await client.callTool({ name: 'codegraph_explore', arguments: { query: 'greet' } });
      await client.close();
    },
    readId: () => {
      const choice: unknown = JSON.parse(
        readFileSync(join(home, '.codegraph', 'telemetry.json'), 'utf8'),
      );
      return (choice as { readonly machine_id: string }).machine_id;
    },
  };
}

test('what the published client sends arrives right', async () => {
  const { ingest, posthog } = await openStage({ limits: { PER_MACHINE: 100 } });
  const { run, ask, readId } = openMachine(`${ingest.url}/v1/events`);
  const today = dayOf(Date.now());
  await run('yesterday', 'init');
  await run('yesterday', 'query', 'greet');
  await run('yesterday', 'query', 'main');
  await ask('yesterday');
  const where = ['--yes', '--target', 'claude,cursor', '--location', 'global'];
  await run('today', 'install', ...where);
  await run('today', 'uninstall', ...where, '--keep-cli');

  const events = await posthog.waitForEvents(8, 20_000);
  const usage = (name: string): object => ({ kind: 'cli_command', name, count: 1, error_count: 0 });
  const targets = ['claude', 'cursor'];
  const index = { languages: ['go', 'python'], file_count_bucket: '<100', duration_bucket: '<10s' };
  const explore = { ...usage('codegraph_explore'), kind: 'mcp_tool' };
  const expected: readonly [event: string, day: number, props: object][] = [
    ['index', today - 1, index],
    ['usage_rollup', today - 1, usage('init')],
    // One for each process that counted it.
    ['usage_rollup', today - 1, usage('query')],
    ['usage_rollup', today - 1, usage('query')],
    ['usage_rollup', today - 1, usage('serve')],
    ['usage_rollup', today - 1, { ...explore, client_name: 'claude-code', client_version: '2.1' }],
    ['install', today, { targets, scope: 'global', kind: 'fresh' }],
    ['uninstall', today, { targets }],
  ];
  const shared = {
    codegraph_version: '1.6.1',
    os: process.platform,
    arch: process.arch,
    node_major: 24,
    ci: false,
    schema_version: 2,
    sample_rate: 1,
    $process_person_profile: false,
    $geoip_disable: true,
    $ip: null,
  };
  const arrived = events.map(({ event, timestamp, properties }) => [event, timestamp, properties]);
  expect(arrived).toHaveLength(expected.length);
  expect(arrived).toEqual(
    expect.arrayContaining(
      expected.map(([event, day, props]) => [event, noonOf(day), { ...props, ...shared }]),
    ),
  );
  expect(new Set(events.map(({ distinct_id }) => distinct_id)).size).toBe(1);
  expect(JSON.stringify(posthog.requests)).not.toContain(readId());
}, 120_000);
