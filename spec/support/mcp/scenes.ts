import { type Front, type Launch, serverOf } from './front.ts';
import { type McpProcess, startMcp, traits } from './process.ts';

/** Something that a client does, and what its server is. */
export interface Scene {
  readonly server: string;
  readonly client: (process: McpProcess) => Promise<void> | void;
}

export interface Played {
  readonly process: McpProcess;
  readonly ending: ReturnType<typeof traits>;
}

/** Plays a scene without the tap, and with it. */
export async function playTwice(
  { bare, tap }: Front,
  scene: Scene,
): Promise<{ alone: Played; tapped: Played }> {
  const [alone, tapped] = await Promise.all([play(bare, scene), play(tap, scene)]);
  return { alone, tapped };
}

async function play(
  launch: (server: string) => Launch,
  { server, client }: Scene,
): Promise<Played> {
  const process = startMcp(launch(serverOf(server)));
  await client(process);
  return { process, ending: traits(await process.ended) };
}

/** A server that answers every request that has an id. */
export const answering = `mcp.answerAll(({ id }) => ({ jsonrpc: '2.0', id, result: {} }));`;
