import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  jsonMember,
  jsonObject,
  jsonTexts,
  piecesOf,
  spelledString,
} from '../../spec/support/json.ts';
import { type McpMessage, readMessage } from './message.ts';
import { MessageScanner } from './message-scanner.ts';
import type { Reply } from './open-calls.ts';

/** What the scanner makes of a stream, with numbers as `JSON.parse` has them. */
function scan(pieces: readonly Buffer[]): McpMessage[] {
  const round = (id: McpMessage['id']): McpMessage['id'] =>
    typeof id === 'bigint' ? Number(id) : id;
  return scanExactly(pieces).map((message) => {
    const { id, requestId, taskId, reply } = message;
    const rounded = { id: round(id), requestId: round(requestId), taskId: round(taskId) };
    return { ...message, ...rounded, reply: reply && roundIn(reply, round) };
  });
}

function roundIn(reply: Reply, round: (id: McpMessage['id']) => McpMessage['id']): Reply {
  return 'taskId' in reply ? { ...reply, taskId: round(reply.taskId) } : reply;
}

/** What the scanner makes of a stream that comes in these pieces. */
function scanExactly(pieces: readonly Buffer[]): McpMessage[] {
  const messages: McpMessage[] = [];
  const scanner = new MessageScanner((message) => {
    messages.push(readMessage(message));
  });
  for (const piece of pieces) {
    scanner.push(piece);
    // A stream uses its memory again.
    piece.fill('"');
  }
  return messages;
}

function scanText(text: string): McpMessage[] {
  return scan([Buffer.from(text)]);
}

/** What a server makes of one line. */
function parse(line: string): McpMessage[] {
  const value: unknown = JSON.parse(line);
  return (Array.isArray(value) ? value : [value])
    .filter((item) => typeof item === 'object' && item !== null && !Array.isArray(item))
    .map(readMessage);
}

const messageKeys = [
  'id',
  'method',
  'params',
  'name',
  'requestId',
  'clientInfo',
  'version',
  '_meta',
  'io.modelcontextprotocol/clientInfo',
  'result',
  'isError',
  'resultType',
  'error',
  'task',
  'taskId',
  'status',
  'arguments',
  'Method',
  '__proto__',
];
const messageTexts = [
  'tools/call',
  'initialize',
  'notifications/cancelled',
  'codegraph_explore',
  'input_required',
  'codex-mcp-client',
  '1.2.3',
  '',
];

const anything = jsonTexts({ keys: messageKeys, texts: messageTexts, maxDepth: 3 });

/** Mostly what is asked for, and sometimes anything. */
function mostly(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof({ weight: 6, arbitrary: value }, anything);
}

function membersWith(values: Readonly<Record<string, fc.Arbitrary<string>>>): fc.Arbitrary<string> {
  const members = Object.entries(values).map(([key, value]) =>
    jsonMember(fc.constant(key), mostly(value)),
  );
  const stranger = jsonMember(fc.constantFrom(...messageKeys, 'content'), anything);
  return jsonObject(fc.oneof(...members, stranger));
}

const word = spelledString(fc.constantFrom(...messageTexts));
const ids = fc.oneof(fc.integer().map(String), word, fc.constantFrom('null', '-0', '1.5', '1e3'));
const clients = membersWith({ name: word, version: word });
const texts = mostly(
  membersWith({
    id: ids,
    method: word,
    params: membersWith({
      name: word,
      requestId: ids,
      taskId: ids,
      task: fc.constantFrom('{}', '{"ttl":1}', 'null'),
      clientInfo: clients,
      _meta: membersWith({ 'io.modelcontextprotocol/clientInfo': clients }),
    }),
    result: membersWith({
      isError: fc.constantFrom('true', 'false', 'null'),
      resultType: word,
      taskId: ids,
      status: word,
      task: fc.constantFrom('{}', '{"taskId":"x"}', 'null'),
    }),
    error: anything,
  }),
);
const cuts = fc.array(fc.nat(), { maxLength: 20 });

describe('a line of JSON', () => {
  it('is often enough one that says something', () => {
    const said = new Map<string, number>();
    for (const line of fc.sample(texts, { numRuns: 1_500, seed: 1 })) {
      for (const [key, value] of parse(line).flatMap((message) => Object.entries(message))) {
        if (value !== undefined) said.set(key, (said.get(key) ?? 0) + 1);
      }
    }
    expect([...said.keys()].toSorted()).toEqual(Object.keys(readMessage({})).toSorted());
    for (const times of said.values()) expect(times).toBeGreaterThan(20);
  });

  it('reads as it does when it is parsed, wherever it is cut', () => {
    fc.assert(
      fc.property(texts, cuts, fc.constantFrom('\n', '\r\n'), (text, places, end) => {
        expect(scan(piecesOf(Buffer.from(text + end), places))).toEqual(parse(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it('reads the same byte by byte', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const bytes = [...Buffer.from(`${text}\n`)].map((byte) => Buffer.from([byte]));
        expect(scan(bytes)).toEqual(parse(text));
      }),
      { numRuns: 500 },
    );
  });

  it('reads the same without its newline, when it is a message', () => {
    const line = '{"method":"tools/call","id":1,"params":{"name":"codegraph_node"}}';
    expect(scanText(line)).toEqual(parse(line));
  });

  it('reads as a batch when it is an array', () => {
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 5 }), cuts, (items, places) => {
        const line = `[ ${items.join(' , ')}]`;
        expect(scan(piecesOf(Buffer.from(`${line}\n`), places))).toEqual(parse(line));
      }),
      { numRuns: 500 },
    );
  });

  it('reads the same among others, whatever they are', () => {
    const garbage = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      fc.tuple(texts, fc.nat()).map(([text, cut]) => {
        const bytes = Buffer.from(text);
        return bytes.subarray(0, cut % (bytes.length + 1));
      }),
      fc
        .string({ unit: fc.constantFrom(...Array.from('"\\{}[],: 1atru')) })
        .map((text) => Buffer.from(text)),
      fc
        .constantFrom('', ' ', '\r', 'null', '"', '\\', ']]]]', '{{{{', '[1,', '\ufeff{"id":1}')
        .map((text) => Buffer.from(text)),
    );
    const line = fc.oneof(
      garbage.map((bytes) => ({ bytes, text: undefined })),
      texts.map((text) => ({ bytes: Buffer.from(text), text })),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), cuts, (lines, places) => {
        // Marks tell what a line of JSON gave from what garbage may have given.
        const marked = lines.map(({ bytes, text }, at) =>
          text === undefined
            ? Buffer.from(bytes.map((byte) => (byte === 0x0a ? 0x20 : byte)))
            : Buffer.from(`{"was":${text},"params":${text},"id":"line ${at}"}`),
        );
        const expected = marked.flatMap((bytes, at) =>
          lines[at]?.text === undefined ? [] : parse(bytes.toString()),
        );
        const stream = Buffer.concat(marked.flatMap((bytes) => [bytes, Buffer.from('\n')]));
        const found = scan(piecesOf(stream, places));
        expect(found.filter(({ id }) => /^line \d+$/.test(String(id)))).toEqual(expected);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a spelling', () => {
  const call = parse('{"id":1,"method":"tools/call","params":{"name":"codegraph_node"}}');

  test.each([
    [
      'escapes',
      String.raw`{"\u0069d":1,"m\u0065thod":"\u0074ools\/call","params":{"name":"codegraph\u005fnode"}}`,
    ],
    ['another order', '{"params":{"name":"codegraph_node"},"method":"tools/call","id":1}'],
    [
      'blanks',
      ' { "id" :\t1 , "method" : "tools/call" , "params" : { "name" : "codegraph_node" } } \r',
    ],
    [
      'doubles',
      '{"id":7,"id":1,"method":"x","method":"tools/call","params":{"name":"x"},"params":{"name":"codegraph_node"}}',
    ],
    [
      'a double that was of another kind',
      '{"id":{"id":2},"id":1,"method":["x"],"method":"tools/call","params":"x","params":{"name":"codegraph_node"}}',
    ],
    [
      'look-alikes below',
      '{"id":1,"method":"tools/call","params":{"arguments":{"id":2,"method":"x","name":"y","params":{"name":"z"}},"name":"codegraph_node"}}',
    ],
    [
      'look-alikes in text',
      String.raw`{"x":"\"id\":3,\"method\":\"x\"}","id":1,"method":"tools/call","params":{"y":"\\","name":"codegraph_node"}}`,
    ],
    [
      'a prototype',
      '{"__proto__":{"id":2},"id":1,"method":"tools/call","params":{"__proto__":{"name":"x"},"name":"codegraph_node"}}',
    ],
  ])('with %s says the same', (_, line) => {
    expect(parse(line)).toEqual(call);
    expect(scanText(`${line}\n`)).toEqual(call);
  });

  it('may take a params back', () => {
    const line = '{"id":1,"method":"tools/call","params":{"name":"codegraph_node"},"params":null}';
    expect(scanText(line)).toEqual(parse(line));
    expect(scanText(line)[0]?.tool).toBeUndefined();
  });

  it('of any text is read', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 256 }), cuts, (text, places) => {
        fc.pre(text.length <= 256);
        const line = JSON.stringify({ id: text });
        expect(scan(piecesOf(Buffer.from(line), places))).toEqual(parse(line));
      }),
    );
    fc.assert(
      fc.property(spelledString(fc.string({ maxLength: 80 })), (spelled) => {
        const line = `{"id":${spelled}}`;
        expect(scanText(line)).toEqual(parse(line));
      }),
    );
  });

  test.each([255, 256, 257, 2_000, 70_000])(
    'of %i units is kept or not as when parsed',
    (length) => {
      for (const unit of ['x', 'é', '漢', '"', '\0']) {
        const text = unit.repeat(length);
        const params = { name: text, clientInfo: { name: text, version: text } };
        const line = JSON.stringify({ id: text, method: text, params, [text]: 1, result: text });
        expect(scan(piecesOf(Buffer.from(line), [999, 65_536]))).toEqual(parse(line));
      }
    },
  );

  test.each([
    '5',
    '-5',
    '0',
    '-0',
    '1.5',
    '1e3',
    '9007199254740991',
    '-9007199254740991',
    '1.0',
    '1e400',
    'null',
    'true',
    '{}',
    '[1]',
    '"5"',
  ])('of the id %s is read', (id) => {
    for (const line of [`{"id":${id}}`, `{"id": ${id} , "x":1}`, `{"x":1,"id":${id}\r}`]) {
      expect(scanText(line)).toEqual(parse(line));
    }
  });
});

describe('a long id', () => {
  const idOf = (spelled: string, cutsAt: readonly number[] = []): unknown =>
    scanExactly(piecesOf(Buffer.from(`{"id":${spelled},"result":{}}`), cutsAt))[0]?.id;

  it('is known again, however it is spelled and wherever it is cut', () => {
    const unit = fc.constantFrom('x', 'é', '漢', '😀', '"', '\\', '\0', '\ud800');
    const text = fc
      .array(unit, { minLength: 1, maxLength: 12 })
      .chain((units) =>
        fc.integer({ min: 100, max: 900 }).map((times) => units.join('').repeat(times)),
      );
    const escaped = (id: string): string =>
      `"${Array.from({ length: id.length }, (_, at) => `\\u${id.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`;
    fc.assert(
      fc.property(text, cuts, (id, places) => {
        const expected = readMessage({ id }).id;
        expect(idOf(JSON.stringify(id), places)).toBe(expected);
        expect(idOf(escaped(id), places)).toBe(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('is told from others, in no more than a few bytes', () => {
    const long = 'x'.repeat(100_000);
    const spelled = [
      `"${long}"`,
      `"${long}x"`,
      `"y${long}"`,
      '1'.repeat(100_000),
      `"${'1'.repeat(100_000)}"`,
    ];
    const read = spelled.map((id) => idOf(id));
    expect(new Set(read).size).toBe(spelled.length);
    expect(JSON.stringify(read).length).toBeLessThan(300);
  });

  it.each(['9007199254740993', '-9007199254740993', '1'.repeat(64)])(
    'of digits keeps them all: %s',
    (digits) => {
      expect(idOf(digits)).toBe(BigInt(digits));
      expect(idOf(`"${digits}"`)).toBe(digits);
    },
  );

  it('of more digits is told from its neighbour', () => {
    for (const length of [65, 1_000, 1_536, 1_537, 5_000]) {
      const digits = '1'.repeat(length);
      expect(idOf(digits, [7, 900])).toBe(idOf(digits));
      expect(idOf(digits)).not.toBe(idOf(`${digits.slice(1)}2`));
      expect(idOf(digits)).not.toBe(idOf(`"${digits}"`));
    }
  });

  it('that is broken is none', () => {
    expect(idOf(`"${String.raw`\x`.repeat(5_000)}"`)).not.toBe(readMessage({ id: 'x' }).id);
  });
});

describe('what is not JSON', () => {
  // Its empty key shows what is left of a string in the line before.
  const reply = '{"":0,"id":1,"result":{}}\n';

  test.each([
    ['text in front of it', `server ready ${reply}`],
    ['a byte-order mark', `\ufeff${reply}`],
    ['a string', `"a" ${reply}`],
    ['a number', `1 ${reply}`],
    ['a bracket that closes nothing', `} ${reply}`],
    ['another message', `{"id":2,"result":{}} ${reply}`],
    ['a batch', `[] ${reply}`],
  ])('hides a message with %s on its line', (_, line) => {
    expect(scanText(line).filter(({ id }) => id === 1)).toEqual([]);
    expect(scanText(line + reply)).toContainEqual(parse(reply)[0]);
  });

  test.each([
    ['half a message', '{"id":1,"result":{"content":[{"text":"abc'],
    ['half an escape', String.raw`{"id":1,"method":"tools\u00`],
    ['a backslash at the end', '{"id":1,"method":"tools\\'],
    ['half a literal', '{"id":1,"result":{"isError":tru'],
    ['invalid UTF-8', '{"id":"\xff\xfe","result":{}'],
    ['an escape that there is none', String.raw`{"id":"\x41","meth\od":"x"`],
    ['a raw newline in a string', '{"id":1,"method":"to'],
    ['brackets that do not match', '{"id":1]]]]}}}'],
    ['nothing', ''],
  ])('ends with its line: %s', (_, line) => {
    expect(scan([Buffer.from(`${line}\n${reply}`, 'latin1')]).at(-1)).toEqual(parse(reply)[0]);
  });
});

it('passes over the lines that begin while nobody is interested', () => {
  const heard: unknown[] = [];
  const scanner = new MessageScanner(({ id }) => heard.push(id));
  let isBoring = true;
  const push = (text: string): void => {
    scanner.push(Buffer.from(text), () => isBoring);
  };
  push('{"id":1}\n{"id":2');
  isBoring = false;
  push('}\n{"id":3}\n{"id":');
  isBoring = true;
  push('4}\n\n\r\n{"id":5}\n');
  isBoring = false;
  push('{"id":6}\n');
  expect(heard).toEqual([3, 4, 6]);
  isBoring = true;
  push(' \t\r');
  push(' ');
  isBoring = false;
  push('{"id":7}\n');
  expect(heard).toEqual([3, 4, 6, 7]);
});

describe('cost', () => {
  it('is no memory, however long a line is', () => {
    setFlagsFromString('--expose-gc');
    const collect: unknown = runInNewContext('gc');
    const heap = (): number => {
      if (typeof collect === 'function') collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const messages: McpMessage[] = [];
    const scanner = new MessageScanner((message) => messages.push(readMessage(message)));
    const chunk = Buffer.alloc(64 * 1024, String.raw`some text with \"quotes\" and \\ in it, `);
    scanner.push(Buffer.from('{"id":1,"result":{"content":[{"type":"text","text":"'));
    scanner.push(chunk);

    const before = heap();
    for (let bytes = 0; bytes < 100_000_000; bytes += chunk.length) scanner.push(chunk);
    expect(heap() - before).toBeLessThan(1_000_000);

    scanner.push(Buffer.from(' "}],"isError":true}}\n'));
    expect(messages).toMatchObject([{ id: 1, reply: { outcome: 'error' } }]);
  });

  const megabytes = (unit: string): string => unit.repeat(Math.ceil(4_000_000 / unit.length));

  // An honest scan takes a few milliseconds; one that goes back takes minutes.
  test.each([
    ['escaped quotes', `{"x":"${megabytes('\\"')}"}`],
    ['backslashes', `{"x":"${megabytes('\\\\')}"}`],
    ['escaped quotes just out of reach', `{"x":"${megabytes(`${'x'.repeat(48)}\\"`)}"}`],
    ['open brackets', megabytes('[')],
    ['open braces', megabytes('{"params":')],
    ['closing brackets', megabytes(']')],
    ['brackets', `{"x":[${megabytes('[],')}[]]}`],
    ['empty strings', `{"x":[${megabytes('"",')}""]}`],
    ['one key again and again', `{"result":{${megabytes('"isError":true,')}"x":1}}`],
    ['a long key', `{"${megabytes('key')}":1}`],
    ['a long number', `{"id":${megabytes('1')}}`],
    ['a long id', `{"id":"${megabytes('x')}"}`],
    ['a long id of escapes', `{"id":"${megabytes(String.raw`\u0041`)}"}`],
    ['a long id of backslashes', `{"id":"${megabytes('\\\\')}"}`],
    ['a long batch', `[${megabytes('{"id":1},')}{}]`],
    ['blank lines', megabytes('\n')],
    ['short lines', megabytes('{"id":1}\n')],
    ['lines that never close a string', megabytes('{"x":"abc\n')],
  ])('is linear for %s', (_, text) => {
    const bytes = Buffer.from(`${text}\n`);
    for (const size of [64 * 1024, bytes.length]) {
      const scanner = new MessageScanner(() => {});
      const start = process.threadCpuUsage();
      for (let at = 0; at < bytes.length; at += size) scanner.push(bytes.subarray(at, at + size));
      const { user, system } = process.threadCpuUsage(start);
      expect((user + system) / 1_000).toBeLessThan(3_000);
    }
  });
});
