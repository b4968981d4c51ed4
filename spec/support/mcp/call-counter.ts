import type { Telemetry } from '../../../src/telemetry.ts';

/** One count of a tool call: `client` is its name and version, or null where none is known. */
export interface CountedCall {
  readonly tool: string;
  readonly ok: boolean;
  readonly client: string | null;
}

export interface CallCounter extends Pick<Telemetry, 'count' | 'drop'> {
  /** What was counted, in this order. */
  readonly calls: readonly CountedCall[];
  /** How many were given up. */
  drops(): number;
}

/** A telemetry that keeps every count, word for word. */
export function callCounter(): CallCounter {
  const calls: CountedCall[] = [];
  let drops = 0;
  return {
    calls,
    drop() {
      drops += 1;
    },
    drops: () => drops,
    count(kind, name, options) {
      if (kind !== 'mcp_tool') throw new TypeError(`counted ${kind} ${name}`);
      const { ok = true, client } = options ?? {};
      const version = client?.version === undefined ? '' : ` ${client.version}`;
      calls.push({ tool: name, ok, client: client === undefined ? null : client.name + version });
    },
  };
}

/** So many counts of one kind. */
export function counted(
  tool: string,
  { ok = true, client = null }: Partial<CountedCall> = {},
): CountedCall {
  return { tool, ok, client };
}
