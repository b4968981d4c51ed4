import fc from 'fast-check';
import type { Frame } from '../../contract/frame.ts';
import { pack, type PackValue } from '../../contract/msgpack.ts';
import { joined } from '../support/frames.ts';
import { hostileItems } from './msgpack.ts';

/** One value of a payload, or the head of a list or a map without what is in it. */
interface Token {
  readonly bytes: Uint8Array;
  /** For a head: the type byte that it has while it is short, and how many items follow. */
  readonly head?: { readonly type: 0x80 | 0x90; readonly items: number };
}

type Change = {
  readonly at: number;
  readonly item: Uint8Array;
} & (
  | { readonly does: 'replace' | 'insert' | 'delete' | 'repeat' | 'grow' }
  | { readonly does: 'flip'; readonly bit: number }
);

const at = fc.nat();
const changes: fc.Arbitrary<Change> = fc.oneof(
  { weight: 6, arbitrary: changeBy('replace') },
  { weight: 2, arbitrary: changeBy('grow') },
  { weight: 1, arbitrary: changeBy('insert') },
  { weight: 1, arbitrary: changeBy('delete') },
  { weight: 1, arbitrary: changeBy('repeat') },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('flip' as const),
      at,
      item: hostileItems,
      bit: fc.nat({ max: 63 }),
    }),
  },
);

function changeBy<Does extends 'replace' | 'insert' | 'delete' | 'repeat' | 'grow'>(
  does: Does,
): fc.Arbitrary<{ does: Does; at: number; item: Uint8Array }> {
  return fc.record({ does: fc.constant(does), at, item: hostileItems });
}

/** Payloads of frames in which one value, or a few, are something else. */
export function changedPayloads(frames: fc.Arbitrary<Frame>): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(frames, fc.array(changes, { minLength: 1, maxLength: 3 }))
    .map(([frame, taken]) =>
      joined(...taken.reduce(changed, tokensOf(valueOf(frame))).map(({ bytes }) => bytes)),
    );
}

function valueOf({ day, counters, events, dropped }: Frame): PackValue {
  return [1, day, counters, events, dropped];
}

function tokensOf(value: PackValue): readonly Token[] {
  if (typeof value !== 'object' || value === null) {
    const bytes = new Uint8Array(600);
    return [{ bytes: bytes.slice(0, pack(value, bytes, 0)) }];
  }
  if (Array.isArray(value)) {
    const list: readonly PackValue[] = value;
    return [headOf(0x90, list.length), ...list.flatMap(tokensOf)];
  }
  const entries = Object.entries(value);
  return [headOf(0x80, entries.length), ...entries.flat().flatMap(tokensOf)];
}

function headOf(type: 0x80 | 0x90, items: number): Token {
  return { bytes: Uint8Array.of(type | items), head: { type, items } };
}

function changed(tokens: readonly Token[], change: Change): readonly Token[] {
  const place = change.at % Math.max(1, tokens.length);
  const token = tokens[place];
  if (token === undefined) return tokens;
  return [...tokens.slice(0, place), ...changedToken(token, change), ...tokens.slice(place + 1)];
}

function changedToken(token: Token, change: Change): readonly Token[] {
  const item = { bytes: change.item };
  switch (change.does) {
    case 'replace':
      return [item];
    case 'insert':
      return [item, token];
    case 'delete':
      return [];
    case 'repeat':
      return [token, token];
    case 'grow':
      return grown(token, item);
    case 'flip': {
      const bytes = token.bytes.slice();
      const place = (change.bit >> 3) % Math.max(1, bytes.length);
      bytes[place] = (bytes[place] ?? 0) ^ (1 << (change.bit & 7));
      return [{ bytes }];
    }
  }
}

/** One item more in a list, or one key more in a map, and the right number in its head. */
function grown({ bytes, head }: Token, item: Token): readonly Token[] {
  if (head === undefined || head.items >= 15) return [{ bytes }, item];
  const larger = headOf(head.type, head.items + 1);
  return head.type === 0x90 ? [larger, item] : [larger, item, item];
}
