import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { NetworkSettings } from '../contract/flush.ts';
import type { SealedText } from '../contract/report/check.ts';
import { selfSigned } from '../spec/support/self-signed.ts';
import { startLoopback, status } from '../spec/support/ingest.ts';
import { plainNetwork, send } from './send.ts';

const text = '{"os":"linux"}' as SealedText;
const timeoutMs = 5_000;

async function portOf(server: Server): Promise<number> {
  onTestFinished(() => void server.close());
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/** A proxy that opens tunnels, and writes down what it was asked for. */
async function startProxy(): Promise<{ network: NetworkSettings; asked: readonly string[] }> {
  const asked: string[] = [];
  const proxy = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (head: Buffer) => {
      const [first = ''] = head.toString().split('\r\n');
      asked.push(first);
      const [, host = '', port = ''] = /^CONNECT (\S+):(\d+) /.exec(first) ?? [];
      const onward = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.pipe(onward).pipe(socket);
      });
      onward.on('error', () => socket.destroy());
    });
  });
  const url = `http://127.0.0.1:${await portOf(proxy)}`;
  return { network: { ...plainNetwork, proxyEnv: { HTTPS_PROXY: url, HTTP_PROXY: url } }, asked };
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const knowsProxies = major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);

describe.runIf(knowsProxies)('a proxy that Node is told to use', () => {
  it('is asked for the endpoint, whose certificate is still looked at', async () => {
    const requests: unknown[] = [];
    const server = createTlsServer(selfSigned, (request) => requests.push(request));
    server.on('tlsClientError', () => undefined);
    const port = await portOf(server);
    const { network, asked } = await startProxy();
    const url = new URL(`https://127.0.0.1:${port}/`);
    expect(await send(url, text, timeoutMs, network)).toMatchObject({ kind: 'unreachable' });
    expect(asked).toEqual([`CONNECT 127.0.0.1:${port} HTTP/1.1`]);
    expect(requests).toEqual([]);
  });

  it('is not asked for what it is told to leave out', async () => {
    const { url } = await startLoopback(status(204));
    const { network, asked } = await startProxy();
    const settings = { ...network, proxyEnv: { ...network.proxyEnv, NO_PROXY: '127.0.0.1' } };
    expect(await send(url, text, timeoutMs, settings)).toEqual({ kind: 'accepted' });
    expect(asked).toEqual([]);
  });

  it('that is not there leaves the report where it is', async () => {
    const { url, received } = await startLoopback(status(204));
    const network = { ...plainNetwork, proxyEnv: { HTTP_PROXY: 'http://127.0.0.1:1' } };
    expect(await send(url, text, timeoutMs, network)).toMatchObject({ kind: 'unreachable' });
    expect(received).toEqual([]);
  });
});

it('trusts the system’s certificates beside Node’s own, and nobody else', async () => {
  const server = createTlsServer(selfSigned);
  server.on('tlsClientError', () => undefined);
  const url = new URL(`https://127.0.0.1:${await portOf(server)}/`);
  const network = { ...plainNetwork, usesSystemCa: true };
  expect(await send(url, text, timeoutMs, network)).toEqual({
    kind: 'unreachable',
    reason: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  });
});
