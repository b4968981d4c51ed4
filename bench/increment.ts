import type { Bench, Row } from './bench.ts';
import { makeHome } from './home.ts';
import { ofPeers } from './peers.ts';
import type { IncrementFigures } from './programs/increment.ts';
import { programPath, runProgram } from './programs.ts';

// Large enough that nothing is collected while allocations are counted.
const flags = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];

/** One increment of a known counter, through the built library, beside its peers. */
export const increment: Bench = {
  name: 'increment',
  run: async (effort, { peers }) => {
    const home = makeHome();
    try {
      home.load('empty');
      const isFull = effort === 'full';
      const args = [
        programPath('increment.ts'),
        isFull ? '60' : '15',
        isFull ? '5' : '2',
        peers ?? '',
      ];
      const figures = await runProgram<IncrementFigures>([...flags, ...args], home.env);
      return toRows(figures, peers);
    } finally {
      home.remove();
    }
  },
};

function toRows(
  { nanoseconds: ns, bytes, idleMicroseconds }: IncrementFigures,
  peers: string | undefined,
): Row[] {
  return [
    {
      what: 'count a tool call, known counter',
      unit: 'ns',
      ours: ns['ours, tool']!,
      published: ns['published, tool']!,
      beside: {
        Map: ns['Map, tool']!,
        'nested Maps': ns['nested Maps, tool']!,
        'ours, new options object': ns['ours, fresh options']!,
        ...ofPeers(peers, (peer) => ns[`${peer}, tool`]!),
      },
      target: { atMost: 50 },
    },
    {
      what: 'count a command, known counter',
      unit: 'ns',
      ours: ns['ours, command']!,
      published: ns['published, command']!,
      target: { atMost: 50 },
    },
    {
      what: 'the same, 20 names × 3 clients',
      unit: 'ns',
      ours: ns['ours, 20 × 3']!,
      published: ns['published, 20 × 3']!,
      beside: { Map: ns['Map, 20 × 3']!, 'nested Maps': ns['nested Maps, 20 × 3']! },
      target: { atMost: 40 },
    },
    {
      what: 'heap a count',
      unit: 'bytes',
      ours: Math.round(bytes['ours, tool']!),
      published: bytes['published, tool']!,
      beside: {
        'ours, 20 × 3': bytes['ours, 20 × 3']!,
        Map: bytes['Map, tool']!,
        ...ofPeers(peers, (peer) => bytes[`${peer}, tool`]!),
      },
      target: { atMost: 0 },
    },
    {
      what: 'one count after an idle second, with a look at consent',
      unit: 'µs',
      ours: idleMicroseconds['ours']!,
      published: idleMicroseconds['published']!,
      beside: { 'one stat': idleMicroseconds['stat']! },
      target: { atMost: 60 },
      because:
        'After an idle second all caches are cold, and one `stat` takes nearly half of this.',
    },
  ];
}
