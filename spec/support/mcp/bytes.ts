/** Traffic that a relay could spoil, each under the name of what is in it. */
export const awkwardBytes: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['nothing', Buffer.alloc(0)],
  ['one message', Buffer.from(`${request(1)}\n`)],
  ['CRLF', Buffer.from(`${request(1)}\r\n${request(2)}\r\n`)],
  ['blank lines', Buffer.from(`\n\n${request(1)}\n\r\n \n${request(2)}\n\n`)],
  ['no final newline', Buffer.from(`${request(1)}\n${request(2)}`)],
  ['half a message', Buffer.from(request(1).slice(0, -20))],
  ['no JSON', Buffer.from('hello\n{"id":1\n}}]]\n"\n\\\n\u0000\u0007\n')],
  [
    'invalid UTF-8',
    Buffer.from([0x22, 0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0x0a, 0xf0, 0x9f]),
  ],
  ['U+2028 and U+2029', Buffer.from(`${request(1, 'a\u2028b\u2029c')}\n`)],
  ['a byte order mark', Buffer.from(`\uFEFF${request(1)}\n`)],
  ['every byte', Buffer.from(Array.from({ length: 1_024 }, (_, at) => at % 256))],
  ['a batch', Buffer.from(`[${request(1)},${request(2)}]\n`)],
];

/** A call of a tool. */
export function request(id: number | string, query = 'x', name = 'codegraph_explore'): string {
  const params = { name, arguments: { query } };
  return JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params });
}

/** Its answer, with this text in it. */
export function reply(id: number | string, text = 'found'): string {
  return JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }] } });
}

/** So many bytes of text that is all escapes and characters of several bytes. */
export function longText(bytes: number): string {
  return '"\\ü€🦊\n'.repeat(Math.ceil(bytes / 18));
}

/** Cuts bytes into pieces, of sizes that wander from one byte up. */
export function cutAnywhere(bytes: Buffer): readonly Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, size = 1; at < bytes.length; size = (size * 7 + 3) % 61 || 1) {
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}
