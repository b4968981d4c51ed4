import files, {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bufferFile, spoolFolder } from './files.ts';
import { frameOf, queries } from '../spec/support/frames.ts';
import { fileUrl, startProgram } from '../spec/support/programs.ts';
import { temporaryPaths, temporarySpool } from '../spec/support/home.ts';
import { clearSpool } from './clear-spool.ts';

it('deletes all that was counted, and leaves the choice and what is the engine’s', () => {
  const { dataDir } = temporarySpool();
  for (const path of ['telemetry.json', 'daemon.log', bufferFile, `${spoolFolder}/anything`]) {
    writeFileSync(join(dataDir, path), '');
  }
  mkdirSync(join(dataDir, spoolFolder, 'a', 'b'), { recursive: true });
  clearSpool(dataDir, files);
  expect(readdirSync(dataDir)).toEqual(['daemon.log', 'telemetry.json']);
});

it('does nothing where there is nothing', () => {
  const { dataDir } = temporaryPaths();
  clearSpool(dataDir, files);
  clearSpool(join(dataDir, 'none'), files);
  expect(readdirSync(dataDir)).toEqual([]);
});

it.skipIf(process.platform === 'win32')('deletes a link, not what it leads to', () => {
  const { dataDir } = temporaryPaths();
  mkdirSync(join(dataDir, 'elsewhere'));
  writeFileSync(join(dataDir, 'elsewhere', 'precious'), '');
  symlinkSync('elsewhere', join(dataDir, spoolFolder));
  clearSpool(dataDir, files);
  expect(() => lstatSync(join(dataDir, spoolFolder))).toThrow('ENOENT');
  expect(readdirSync(join(dataDir, 'elsewhere'))).toEqual(['precious']);
});

it('ends also while other processes go on writing', async () => {
  const { dataDir } = temporaryPaths();
  const program = startProgram(`
    import { appendFrames } from ${JSON.stringify(fileUrl('src/counting/exit-append.ts'))};
    const frame = ${JSON.stringify(frameOf(20_780, [queries(1)]))};
    for (let times = 0; ; times++) {
      try { appendFrames(${JSON.stringify(dataDir)}, [frame]); } catch {}
      if (times === 10) console.log('writing');
      if (times % 50 === 0) await new Promise(setImmediate);
    }`);
  await program.printed('writing');
  clearSpool(dataDir, files);
  program.child.kill('SIGKILL');
  await program.ended;
  clearSpool(dataDir, files);
  expect(existsSync(join(dataDir, spoolFolder))).toBe(false);
});
