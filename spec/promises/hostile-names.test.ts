import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { start } from '../support/programs.ts';
import { settings } from '../support/command.ts';
import { openHome } from '../support/home.ts';
import { leaveQuery, usageOnBetterDay } from '../support/hostile.ts';
import { tell, writeHost } from '../support/host.ts';
import { startIngest } from '../support/ingest.ts';
import { startNameServer } from '../support/name-server.ts';

/** A process that exits does not wait for a name server, whatever the system's resolver would do. */

const address = '127.0.0.53';

// The system's resolver would wait for so long, twice, and its thread cannot be stopped.
const resolverSeconds = 25;
const soonMs = 20_000;

it('with a name server that says nothing, a program ends when it wants to', async (context) => {
  const server = await startNameServer(() => undefined, { port: 53, address }).catch(
    () => undefined,
  );
  if (server === undefined) return context.skip('a name server needs root');
  await using _ = server;
  using home = openHome();
  await using ingest = await startIngest();
  const resolver = join(home.root, 'resolv.conf');
  writeFileSync(resolver, `nameserver ${address}\noptions timeout:${resolverSeconds} attempts:2\n`);
  leaveQuery(home);
  const host = writeHost(
    home,
    `void telemetry.flush({ timeoutMs: 1_000 }); await told(); process.exit(3);`,
  );
  const env = {
    CODEGRAPH_TELEMETRY: '1',
    CODEGRAPH_TELEMETRY_ENDPOINT: 'https://telemetry.example.com/v1/events',
  };
  const inNamespace = ['--mount', 'sh', '-c', 'mount --bind "$0" /etc/resolv.conf && exec "$@"'];

  const program = start(
    'unshare',
    [...inNamespace, resolver, process.execPath, host],
    settings(home, { env }),
  );
  await Promise.race([server.asked, program.ended]);
  const toldAt = performance.now();
  tell(program);
  const ended = await program.ended;

  context.skip(/unshare|mount/.test(ended.stderr), `that needs root: ${ended.stderr}`);
  expect(ended).toEqual({ code: 3, signal: null, stdout: '', stderr: '' });
  expect(performance.now() - toldAt).toBeLessThan(soonMs);
  expect(await usageOnBetterDay(home, ingest)).toEqual({ query: '1/0' });
});
