import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** How a server is started. */
export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/** A client that does the least there is to do, so that what it measures is the server. */
export interface McpSession {
  readonly pid: number;
  /** Milliseconds from a request to the end of its reply. One at a time. */
  ask(method: string, params?: object): Promise<number>;
  /** Ends stdin, and waits until the server is gone. */
  end(): Promise<void>;
}

export function openSession({ file, args, env, cwd }: Launch): McpSession {
  const child = spawn(file, args, { env, cwd, stdio: ['pipe', 'pipe', 'ignore'] });
  const gone = once(child, 'close');
  let id = 0;
  let onReply: (() => void) | undefined;
  child.stdout.on('data', (chunk: Buffer) => {
    if (chunk.at(-1) === 0x0a) onReply?.();
  });
  return {
    pid: child.pid ?? 0,
    ask: async (method, params = {}) => {
      const replied = new Promise<void>((resolve) => (onReply = resolve));
      const start = performance.now();
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: id++, method, params })}\n`);
      await Promise.race([replied, gone.then(fail)]);
      return performance.now() - start;
    },
    end: async () => {
      child.stdin.end();
      await gone;
    },
  };

  function fail(): never {
    throw new Error(`${file} ${args.join(' ')} ended before it replied.`);
  }
}

/** The first words of a session; any server answers them. */
export const initialize = [
  'initialize',
  {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'claude-code', version: '2.1.0' },
  },
] as const;
