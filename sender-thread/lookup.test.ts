import { expect, it, test } from 'vitest';
import { type NameAnswer, startNameServer } from '../spec/support/name-server.ts';
import { askNameServer, lookUp } from './lookup.ts';

// An answer comes in time on the busiest of machines; what does not come need not be waited for long.
const longMs = 10_000;
const shortMs = 300;

test.each<[what: string, v4: NameAnswer, v6: NameAnswer, answered: readonly number[]]>([
  ['has failed', 'failure', 'failure', [4, 6]],
  ['knows both', 'address', 'address', [4, 6]],
  ['knows no such name', 'no such name', 'no such name', [4, 6]],
])('a name server that %s', async (_, v4, v6, answered) => {
  await using server = await startNameServer((family) => (family === 4 ? v4 : v6));
  const servers = [`127.0.0.1:${server.port}`];
  expect(await askNameServer('telemetry.example.com', servers, longMs)).toEqual(answered);
});

test.each<[what: string, v4: NameAnswer, v6: NameAnswer, unanswered: readonly number[]]>([
  ['nothing', undefined, undefined, [4, 6]],
  ['nothing of newer addresses', 'address', undefined, [6]],
  ['nothing of older addresses', undefined, 'address', [4]],
])('a name server that says %s', async (_, v4, v6, unanswered) => {
  await using server = await startNameServer((family) => (family === 4 ? v4 : v6));
  const servers = [`127.0.0.1:${server.port}`];
  const answered = await askNameServer('telemetry.example.com', servers, shortMs);
  expect(answered.filter((family) => unanswered.includes(family))).toEqual([]);
});

it('asks no second server, as the system would wait for the first', async () => {
  let questions = 0;
  await using silent = await startNameServer(() => undefined);
  await using server = await startNameServer(() => {
    questions += 1;
    return 'address';
  });
  const servers = [`127.0.0.1:${silent.port}`, `127.0.0.1:${server.port}`];
  expect(await askNameServer('telemetry.example.com', servers, shortMs)).toEqual([]);
  expect(questions).toBe(0);
});

it('takes a refusal for an answer, as the hosts file may know more', async () => {
  const { port } = await startNameServer(() => undefined).then(async (server) => {
    await server[Symbol.asyncDispose]();
    return server;
  });
  expect(await askNameServer('telemetry.example.com', [`127.0.0.1:${port}`], longMs)).toEqual([
    4, 6,
  ]);
});

it('finds this machine without asking anybody', async () => {
  const found = await new Promise((resolve) => {
    lookUp('localhost', { all: true }, (error, addresses) => {
      resolve(error ?? addresses);
    });
  });
  expect(JSON.stringify(found)).toMatch(/"address":"(?:127\.|::1)/);
});
