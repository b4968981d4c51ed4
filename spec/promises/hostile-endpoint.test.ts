import { describe, expect, it } from 'vitest';
import { type Ended, start } from '../support/programs.ts';
import { settings } from '../support/command.ts';
import { openHome, type TestHome } from '../support/home.ts';
import { listFiles } from '../support/list-files.ts';
import { leaveQuery, usageOnBetterDay } from '../support/hostile.ts';
import {
  dropping,
  type HostileEndpoint,
  redirecting,
  refusing,
  saying,
  talkative,
  trickling,
  unvouched,
} from './hostile-endpoints.ts';
import { runHost } from '../support/host.ts';
import { noIngest, startIngest } from '../support/ingest.ts';
import { copyPackage, writeEngine } from '../support/package-copy.ts';

/** Whatever an endpoint does, a command ends with its engine, and a program when its own time is up. */

interface Hostility {
  readonly name: string;
  readonly start: () => Promise<HostileEndpoint>;
  /** How a flush ends; without it, not before its time is up. */
  readonly outcome?: string;
}

const hostilities: readonly Hostility[] = [
  { name: 'refuses connections', start: refusing, outcome: 'unreachable' },
  { name: 'drops every packet', start: dropping },
  {
    name: 'trickles a header without end',
    start: () => trickling('HTTP/1.1 200 OK\r\nx: ', 'y'),
  },
  {
    name: 'says all the time that it is at it',
    start: () => trickling('', 'HTTP/1.1 102 Processing\r\n\r\n'),
  },
  {
    name: 'accepts, and never ends its reply',
    start: () => trickling('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', '1\r\nz\r\n'),
    outcome: 'sent',
  },
  { name: 'accepts, and adds 100 MB', start: talkative, outcome: 'sent' },
  {
    name: 'redirects with the request',
    start: () => redirecting('307 Temporary Redirect'),
    outcome: 'postponed',
  },
  {
    name: 'redirects for good',
    start: () => redirecting('301 Moved Permanently'),
    outcome: 'postponed',
  },
  {
    name: 'speaks anything but TLS',
    start: () => saying('SSH-2.0-OpenSSH_9.9\r\n', 'https'),
    outcome: 'unreachable',
  },
  { name: 'says nothing where TLS begins', start: () => saying('', 'https') },
  { name: 'has signed its certificate itself', start: unvouched, outcome: 'unreachable' },
];

// The engine works until it is told to end.
const engine = `echo of the engine; echo beside it >&2; read line; exit 3`;
const ownEnd: Ended = { code: 3, signal: null, stdout: 'of the engine\n', stderr: 'beside it\n' };

// A command that waited for an endpoint of these would never end; this one ends in milliseconds.
const soonMs = 10_000;

/** Runs a long command, whose engine ends when `met` resolves; and says when it ended late. */
async function runCommand(
  home: TestHome,
  env: NodeJS.ProcessEnv,
  met: Promise<unknown>,
): Promise<Ended> {
  const args = [copyPackage(home), 'sync', '--quiet'];
  const command = start(
    process.execPath,
    args,
    settings(home, { env: { ...env, CODEGRAPH_ENGINE: writeEngine(home, engine) } }),
  );
  await command.printed('of the engine');
  await met;
  const toldAt = performance.now();
  command.child.stdin.end();
  const ended = await command.ended;
  expect(performance.now() - toldAt).toBeLessThan(soonMs);
  return ended;
}

describe.skipIf(process.platform === 'win32').concurrent('with an endpoint that', () => {
  it('nobody asks, a command ends as its engine does', async () => {
    using home = openHome();
    const env = { CODEGRAPH_TELEMETRY: '0', ...noIngest };

    expect(await runCommand(home, env, Promise.resolve())).toEqual(ownEnd);
  });

  it.for(hostilities)('$name', async ({ start: startEndpoint, outcome }) => {
    using home = openHome();
    await using endpoint = await startEndpoint();
    await using ingest = await startIngest();
    const env = { CODEGRAPH_TELEMETRY: '1', CODEGRAPH_TELEMETRY_ENDPOINT: endpoint.url };
    leaveQuery(home);

    expect(await runCommand(home, env, endpoint.met)).toEqual(ownEnd);
    expect(listFiles(home.spool)).not.toContain('lock');
    expect(await usageOnBetterDay(home, ingest)).toMatchObject({
      sync: '1/1',
      // What it has accepted, it may have.
      ...(outcome !== 'sent' && { query: '1/0' }),
    });
    expect(endpoint.complaint()).toBeUndefined();
  });

  it.for(hostilities)(
    '$name: a flush that is awaited',
    async ({ start: startEndpoint, outcome }) => {
      using home = openHome();
      await using endpoint = await startEndpoint();
      const env = { CODEGRAPH_TELEMETRY: '1', CODEGRAPH_TELEMETRY_ENDPOINT: endpoint.url };
      const timeoutMs = outcome === undefined ? 1_000 : 50_000;
      leaveQuery(home);

      const ended = await runHost(
        home,
        `const startedAt = performance.now();
      const { outcome } = await telemetry.flush({ timeoutMs: ${timeoutMs} });
      const isLate = performance.now() - startedAt > ${timeoutMs + soonMs};
      // But for its own streams.
      const waitsFor = process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap');
      process.stdout.write(JSON.stringify({ outcome, isLate, waitsFor }));`,
        { env },
      );

      expect(ended).toMatchObject({ code: 0, stderr: '' });
      expect(JSON.parse(ended.stdout)).toEqual({
        outcome: expect.stringMatching(outcome ?? /^(?:waiting|unreachable)$/) as string,
        isLate: false,
        waitsFor: [],
      });
      expect(endpoint.complaint()).toBeUndefined();
    },
  );
});
