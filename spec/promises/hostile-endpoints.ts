import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { selfSigned } from '../support/self-signed.ts';

/** Something in the place of an ingest, on loopback. */
export interface HostileEndpoint extends AsyncDisposable {
  readonly url: string;
  /** Resolves when somebody came; at once where nobody can be seen coming. */
  readonly met: Promise<unknown>;
  /** What must not have happened to it, and has. */
  complaint(): string | undefined;
}

type Behaviour = (socket: Socket) => void;

/** A port where nobody listens. */
export async function refusing(): Promise<HostileEndpoint> {
  const { url, ...rest } = await open(createServer());
  await rest[Symbol.asyncDispose]();
  return { url, ...rest, met: Promise.resolve(), [Symbol.asyncDispose]: () => Promise.resolve() };
}

/**
 * A port that drops every packet: a process that listens was stopped, and its queue is full. Some
 * systems would refuse instead.
 */
export async function dropping(): Promise<HostileEndpoint> {
  const listen = `const server = require('node:net').createServer();
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));`;
  const child = spawn(process.execPath, ['--eval', listen], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  child.kill('SIGSTOP');
  const fillers = Array.from({ length: 5 }, () => connect(Number(port), '127.0.0.1'));
  for (const filler of fillers) filler.on('error', () => undefined);
  return {
    url: `http://127.0.0.1:${Number(port)}/v1/events`,
    met: Promise.resolve(),
    complaint: () => undefined,
    async [Symbol.asyncDispose]() {
      for (const filler of fillers) filler.destroy();
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}

/** Says these words as soon as somebody is there, and nothing else. */
export async function saying(words: string, protocol = 'http'): Promise<HostileEndpoint> {
  return await open(
    behaving((socket) => socket.write(words)),
    protocol,
  );
}

/** Answers with these words, then with one piece after the other, without end. */
export async function trickling(words: string, piece: string): Promise<HostileEndpoint> {
  const server = behaving((socket) => {
    socket.write(words);
    const timer = setInterval(() => socket.write(piece), 20);
    socket.on('close', () => {
      clearInterval(timer);
    });
  });
  return await open(server);
}

// What fits into the buffers of a connection that nobody reads, several times over.
const maxTakenBytes = 32 * 1024 * 1024;

/** Accepts, and has 100 MB to say to that. It complains when they were listened to. */
export async function talkative(): Promise<HostileEndpoint> {
  const length = 100 * 1024 * 1024;
  const chunk = Buffer.alloc(65_536);
  let takenBytes = 0;
  const server = behaving((socket) => {
    const go = (): void => {
      socket.write(chunk, (error) => {
        if (error) return;
        takenBytes += chunk.length;
        if (takenBytes < length) go();
      });
    };
    socket.once('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n`);
      go();
    });
  });
  const complaint = (): string | undefined =>
    takenBytes > maxTakenBytes ? `${takenBytes} bytes were taken` : undefined;
  return await open(server, 'http', complaint);
}

/** Sends everybody to another port of this machine. It complains when somebody comes there. */
export async function redirecting(status: string): Promise<HostileEndpoint> {
  let visitors = 0;
  const target = await open(behaving(() => (visitors += 1)));
  const answer = `HTTP/1.1 ${status}\r\nlocation: ${target.url}\r\ncontent-length: 0\r\n\r\n`;
  const server = behaving((socket) => socket.once('data', () => socket.write(answer)));
  const complaint = (): string | undefined =>
    visitors > 0 ? 'the redirect was followed' : undefined;
  const { [Symbol.asyncDispose]: close, ...endpoint } = await open(server, 'http', complaint);
  return {
    ...endpoint,
    async [Symbol.asyncDispose]() {
      await target[Symbol.asyncDispose]();
      await close();
    },
  };
}

/** Speaks TLS with a certificate that it has signed itself. It complains when somebody trusts that. */
export async function unvouched(): Promise<HostileEndpoint> {
  let requests = 0;
  const server = createTlsServer(selfSigned, () => (requests += 1));
  const complaint = (): string | undefined => (requests > 0 ? 'it was trusted' : undefined);
  return await open(server, 'https', complaint);
}

/** A server that does so with every connection. */
function behaving(behaviour: Behaviour): Server {
  return createServer((socket) => {
    // Whoever leaves in the middle of it does as is expected.
    socket.on('error', () => undefined).resume();
    behaviour(socket);
  });
}

async function open(
  server: Server,
  protocol = 'http',
  complaint: () => string | undefined = () => undefined,
): Promise<HostileEndpoint> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  const met = once(server, 'connection');
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `${protocol}://127.0.0.1:${(server.address() as AddressInfo).port}/v1/events`,
    met,
    complaint,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
