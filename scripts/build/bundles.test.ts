import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rowsAfter } from '../docs/markdown.ts';
import { root } from '../set-up/paths.mjs';
import { bundleMainThread, bundleSenderThread } from './bundles.ts';
import { bundleGuest } from './guest.ts';

const none = { engine: new Uint8Array(), snapshot: new Uint8Array() };

/** The files to read, as 'How to check this page' names them. */
let listed: readonly string[];
/** Our sources that the library, the thread and the guest are built of, without what is left out. */
let sources: readonly string[];
let inputs: Metafile['inputs'];
let outDir: string;

beforeAll(async () => {
  const page = await readFile(join(root, 'TELEMETRY.md'), 'utf8');
  listed = rowsAfter(page, '## How to check this page').map(
    ([link = '']) => /\]\((.*)\)/.exec(link)?.[1] ?? link,
  );
  outDir = await mkdtemp(join(tmpdir(), 'codegraph-telemetry-bundles-'));
  const metafiles = [
    await bundleMainThread(outDir, 'default-on'),
    await bundleSenderThread(outDir, 'default-on', none),
    (await bundleGuest()).metafile,
  ];
  inputs = Object.assign({}, ...metafiles.map((metafile) => metafile.inputs));
  const used = metafiles.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap((output) => Object.entries(output.inputs)),
  );
  sources = used
    .filter(
      ([path, { bytesInOutput }]) => bytesInOutput > 0 && !/node_modules|:|^<stdin>$/.test(path),
    )
    .map(([path]) => path);
});

afterAll(() => rm(outDir, { recursive: true, force: true }));

it('the page names at most ten files, and a report runs through each', () => {
  expect(listed.length).toBeLessThanOrEqual(10);
  expect(new Set(listed).size).toBe(listed.length);
  expect(sources).toEqual(expect.arrayContaining([...listed]));
});

it('only a file that the page names opens a connection', () => {
  const network = /^builtin(?:-whole)?:node:(?:https?|http2|net|tls|dns|dgram)\b/;
  const openers = Object.entries(inputs)
    .filter(([path]) => sources.includes(path))
    .filter(([, { imports }]) => imports.some((imported) => network.test(imported.path)))
    .map(([path]) => path);

  expect(openers).toEqual(['sender-thread/send.ts']);
  expect(listed).toEqual(expect.arrayContaining(openers));
});

it('only files that the page names make the text of a report, or hold it against the list', async () => {
  const texts = await Promise.all(sources.map((path) => readFile(join(root, path), 'utf8')));
  const makers = sources.filter((_, index) =>
    /\bsealReport\(|as SealedText\b|\b(?:safeParse|parse)\(report\b/.test(texts[index]!),
  );

  expect(new Set(makers).size).toBeGreaterThanOrEqual(3);
  expect(listed).toEqual(expect.arrayContaining(makers));
});
