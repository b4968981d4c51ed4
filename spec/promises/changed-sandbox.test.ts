import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { runFront } from '../support/command.ts';
import { openHome } from '../support/home.ts';
import { runHost } from '../support/host.ts';
import { leaveQuery, usageOnBetterDay } from '../support/hostile.ts';
import { startIngest } from '../support/ingest.ts';
import { dist } from '../support/paths.ts';

/** The file of the sender thread has the sandbox in it, and knows whether it is the one of the build. */

const thread = readFileSync(join(dist, 'thread.mjs'), 'utf8');
const [, start = '', packed = ''] = /^([^]*? packed: ")([\w+/=]+)"/.exec(thread) ?? [];
const engineBytes = Number(/ engineBytes: (\d+)/.exec(thread)?.[1]);
const sandbox = unpack(packed)!;

function unpack(text: string): Buffer | undefined {
  try {
    return brotliDecompressSync(Buffer.from(text, 'base64'));
  } catch {
    // Most changes are none that the packing allows.
    return undefined;
  }
}

/**
 * The thread's file with one character changed, so that the sandbox unpacks to as many bytes, of which
 * the first other one is in the part that is asked for.
 */
function changeOne(part: 'engine' | 'snapshot'): string {
  for (let at = 1_000; at < packed.length; at += 997) {
    const changed = `${packed.slice(0, at)}${packed[at] === 'A' ? 'B' : 'A'}${packed.slice(at + 1)}`;
    const bytes = unpack(changed);
    if (bytes?.length !== sandbox.length) continue;
    const isEngine = !bytes.subarray(0, engineBytes).equals(sandbox.subarray(0, engineBytes));
    if (isEngine === (part === 'engine') && !bytes.equals(sandbox))
      return `${start}${changed}${thread.slice(start.length + packed.length)}`;
  }
  throw new Error('No character can be changed without a sign of it');
}

it.each(['engine', 'snapshot'] as const)(
  'one other character in the %s of the sandbox sends nothing and loses nothing',
  async (part) => {
    using home = openHome();
    await using ingest = await startIngest();
    leaveQuery(home);
    const path = join(home.root, 'thread.mjs');
    writeFileSync(path, changeOne(part));

    const flushed = await runHost(
      home,
      `const { openTelemetry: open } = await import('${join(dist, 'index.js')}');
      const other = open({ version: '1.6.1', thread: '${path}' });
      process.stdout.write((await other.flush({ timeoutMs: 20_000 })).outcome);`,
      { env: ingest.consent },
    );

    expect(flushed).toMatchObject({ stdout: 'failed', stderr: '' });
    expect(ingest.bodies).toEqual([]);
    const { stdout } = await runFront(home, ['telemetry', 'status'], { env: ingest.consent });
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('the sandbox is not the one that was built');
    expect(await usageOnBetterDay(home, ingest)).toEqual({ query: '1/0' });
  },
);
