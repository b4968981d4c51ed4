import { existsSync, lstatSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bufferFile, spoolFolder } from '../../contract/files.ts';
import { frameOf, queries } from '../../spec/support/frames.ts';
import { fileUrl, startProgram } from '../../spec/support/programs.ts';
import { temporaryPaths, temporarySpool } from '../../spec/support/temporary-home.ts';
import { clearSpool } from './clear-spool.ts';

it('deletes all that was counted, and leaves the choice and what is the engine’s', () => {
  const { home } = temporarySpool();
  for (const path of ['telemetry.json', 'daemon.log', bufferFile, `${spoolFolder}/anything`]) {
    writeFileSync(join(home, path), '');
  }
  mkdirSync(join(home, spoolFolder, 'a', 'b'), { recursive: true });
  clearSpool(home);
  expect(readdirSync(home)).toEqual(['daemon.log', 'telemetry.json']);
});

it('does nothing where there is nothing', () => {
  const { home } = temporaryPaths();
  clearSpool(home);
  clearSpool(join(home, 'none'));
  expect(readdirSync(home)).toEqual([]);
});

it.skipIf(process.platform === 'win32')('deletes a link, not what it leads to', () => {
  const { home } = temporaryPaths();
  mkdirSync(join(home, 'elsewhere'));
  writeFileSync(join(home, 'elsewhere', 'precious'), '');
  symlinkSync('elsewhere', join(home, spoolFolder));
  clearSpool(home);
  expect(() => lstatSync(join(home, spoolFolder))).toThrow('ENOENT');
  expect(readdirSync(join(home, 'elsewhere'))).toEqual(['precious']);
});

it('ends also while other processes go on writing', async () => {
  const { home } = temporaryPaths();
  const program = startProgram(`
    import { appendFrames } from ${JSON.stringify(fileUrl('src/counting/exit-append.ts'))};
    const frame = ${JSON.stringify(frameOf(20_780, [queries(1)]))};
    for (let times = 0; ; times++) {
      try { appendFrames(${JSON.stringify(home)}, [frame]); } catch {}
      if (times === 10) console.log('writing');
      if (times % 50 === 0) await new Promise(setImmediate);
    }`);
  await program.printed('writing');
  clearSpool(home);
  program.child.kill('SIGKILL');
  await program.ended;
  clearSpool(home);
  expect(existsSync(join(home, spoolFolder))).toBe(false);
});
