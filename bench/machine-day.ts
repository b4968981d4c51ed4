import type { Bench, Row } from './bench.ts';
import { startEndpoint } from './endpoint.ts';
import { runFlush } from './flush.ts';
import { makeHome } from './home.ts';
import { ofPeers } from './peers.ts';
import { ourFiles, programPath, publishedFiles, runProgram } from './programs.ts';

/**
 * What goes over the wire for one day of one machine: 300 commands, and 5 MCP sessions with 2,000
 * calls. Ours and the published client keep it on the disk and send it later; with a peer each
 * process delivers its own at its end.
 */
export const machineDay: Bench = {
  name: 'machine-day',
  run: async (_effort, { peers }) => {
    const endpoint = await startEndpoint('accepting');
    const home = makeHome(endpoint.url);
    try {
      const send = (...args: string[]) => runFlush(args, 'machine-day', home, endpoint);
      const ours = await send(programPath('flush.mjs'), ourFiles.library);
      const published = await send(programPath('flush-published.cjs'), publishedFiles.telemetry);
      const ofPeer: Record<string, Sent> = {};
      const programs = ofPeers(peers, (peer, folder) => [
        programPath('machine-day-peer.cjs'),
        peer,
        folder,
      ]);
      for (const [peer, program] of Object.entries(programs)) {
        await runProgram(program, home.env);
        ofPeer[peer] = endpoint.take();
      }
      return [
        toRow('requests for a machine-day', 'requests', ours, published, ofPeer),
        toRow('bytes sent for a machine-day', 'bytes', ours, published, ofPeer),
      ];
    } finally {
      home.remove();
      await endpoint.close();
    }
  },
};

interface Sent {
  readonly requests: number;
  readonly bytes: number;
}

function toRow(
  what: string,
  unit: 'requests' | 'bytes',
  ours: Sent,
  published: Sent,
  ofPeer: { readonly [peer: string]: Sent },
): Row {
  const beside = Object.entries(ofPeer).map(([peer, sent]) => [peer, sent[unit]] as const);
  return {
    what,
    unit,
    ours: ours[unit],
    published: published[unit],
    beside: Object.fromEntries(beside),
  };
}
