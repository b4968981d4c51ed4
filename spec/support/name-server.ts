import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** What a name server makes of a question: an address, a code of failure, or nothing. */
export type NameAnswer = 'address' | 'no such name' | 'failure' | undefined;

const codes = { address: 0, failure: 2, 'no such name': 3 };

export interface NameServer extends AsyncDisposable {
  readonly port: number;
  /** Resolves when it was asked. */
  readonly asked: Promise<unknown>;
}

/** A name server on loopback. `answer` is told which family of addresses is asked for. */
export async function startNameServer(
  answer: (family: 4 | 6) => NameAnswer,
  { port = 0, address = '127.0.0.1' } = {},
): Promise<NameServer> {
  const socket = createSocket('udp4');
  socket.on('message', (question, { port: from, address: host }) => {
    const family = question.readUInt16BE(endOfName(question)) === 28 ? 6 : 4;
    const given = answer(family);
    if (given !== undefined) socket.send(reply(question, given, family), from, host);
  });
  const asked = once(socket, 'message');
  socket.bind(port, address);
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    asked,
    async [Symbol.asyncDispose]() {
      socket.close();
      await once(socket, 'close');
    },
  };
}

const headerBytes = 12;

/** Where the type of a question stands, behind its name: labels with their lengths, the last one 0. */
function endOfName(question: Buffer): number {
  let at = headerBytes;
  while (question[at] !== 0) at += 1 + (question[at] ?? 0);
  return at + 1;
}

function reply(question: Buffer, given: NonNullable<NameAnswer>, family: 4 | 6): Buffer {
  // The question again, without what an extension has put behind it.
  const head = Buffer.from(question.subarray(0, endOfName(question) + 4));
  head.writeUInt16BE(0x8180 + codes[given], 2);
  head.writeUInt16BE(given === 'address' ? 1 : 0, 6);
  head.writeUInt16BE(0, 8);
  head.writeUInt16BE(0, 10);
  if (given !== 'address') return head;
  const bytes = family === 4 ? [127, 0, 0, 1] : [...Array.from({ length: 15 }, () => 0), 1];
  // The name of the question; its type, class and time to live; the address.
  const record = [0xc0, headerBytes, 0, family === 4 ? 1 : 28, 0, 1, 0, 0, 0, 60, 0, bytes.length];
  return Buffer.concat([head, Buffer.from([...record, ...bytes])]);
}
