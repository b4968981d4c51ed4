import { spawnSync } from 'node:child_process';
import {
  existsSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { bufferFile, spoolFolder } from '../../contract/files.ts';
import { bufferReserveBytes, maxBufferBytes } from '../../contract/limits.ts';
import { framesIn } from '../../spec/support/buffer.ts';
import { bufferOf, frameOf, queries } from '../../spec/support/frames.ts';
import { fileUrl, runProgram } from '../../spec/support/programs.ts';
import { temporaryFolder, temporaryPaths, temporarySpool } from '../../spec/support/home.ts';
import { appendFrames } from './exit-append.ts';

const day = 20_780;
const one = frameOf(day, [queries(1)]);
const two = frameOf(day + 1, [queries(2)]);
const isWindows = process.platform === 'win32';

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}

describe('throws, and hangs not,', () => {
  it.skipIf(isWindows)('where a link stands, and follows it nowhere', () => {
    const { dataDir } = temporarySpool();
    const target = join(dataDir, 'target');
    writeFileSync(target, 'private');
    symlinkSync(target, join(dataDir, bufferFile));
    expect(() => appendFrames(dataDir, [one])).toThrow('ELOOP');
    expect(readFileSync(target, 'utf8')).toBe('private');
  });

  it.skipIf(isWindows)('where a pipe stands that nobody reads', () => {
    const { dataDir } = temporarySpool();
    expect(spawnSync('mkfifo', [join(dataDir, bufferFile)]).status).toBe(0);
    expect(() => appendFrames(dataDir, [one])).toThrow('ENXIO');
  });

  it('where a folder stands', () => {
    const { dataDir } = temporarySpool();
    mkdirSync(join(dataDir, bufferFile));
    expect(() => appendFrames(dataDir, [one])).toThrow('EISDIR');
  });

  it('where a file stands in place of a folder', () => {
    const { dataDir } = temporaryPaths();
    writeFileSync(join(dataDir, spoolFolder), '');
    expect(() => appendFrames(dataDir, [one])).toThrow(/ENOTDIR|EEXIST|ENOENT/);
  });

  it.skipIf(isWindows)('where it may not write', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o555);
    // A superuser may write anywhere, so the program becomes nobody once it is loaded.
    const { stdout } = await runProgram(`
      import { appendFrames } from ${JSON.stringify(fileUrl('src/counting/exit-append.ts'))};
      if (process.getuid() === 0) process.seteuid(65534);
      try { appendFrames(${JSON.stringify(join(folder, '.codegraph'))}, [${JSON.stringify(one)}]); }
      catch (error) { console.log(error.code); }`);
    expect(stdout).toBe('EACCES\n');
  });

  it.skipIf(isWindows)('where the disk is full', async () => {
    const { dataDir } = temporaryPaths();
    const { stdout } = await runProgram(
      `import { appendFrames } from ${JSON.stringify(fileUrl('src/counting/exit-append.ts'))};
      try { appendFrames(${JSON.stringify(dataDir)}, [${JSON.stringify(one)}]); }
      catch (error) { console.log(error.code); }`,
      { shell: 'ulimit -f 0; exec "$@"' },
    );
    expect(stdout).toBe('EFBIG\n');
    expect(framesIn(dataDir)).toEqual([]);
  });
});

it.skipIf(isWindows)('makes a folder and a file that only their owner can read', () => {
  const folder = temporaryFolder();
  const dataDir = join(folder, '.codegraph');
  appendFrames(dataDir, [one]);
  expect(modeOf(dataDir)).toBe(0o700);
  expect(modeOf(join(dataDir, spoolFolder))).toBe(0o700);
  expect(modeOf(join(dataDir, bufferFile))).toBe(0o600);
});

it('makes no home that is not there', () => {
  const homeDir = join(temporaryFolder(), 'new');
  expect(() => appendFrames(join(homeDir, '.codegraph'), [one])).toThrow('ENOENT');
  expect(existsSync(homeDir)).toBe(false);
});

it('adds to what is there, whatever that is', () => {
  const { dataDir } = temporarySpool();
  writeFileSync(join(dataDir, bufferFile), 'alice was here');
  appendFrames(dataDir, [one, two]);
  appendFrames(dataDir, [two]);
  const expected = Buffer.concat([Buffer.from('alice was here'), bufferOf(one, two, two)]);
  expect(readFileSync(join(dataDir, bufferFile))).toEqual(expected);
});

it.skipIf(isWindows)('takes back what others may do with a buffer that is there', () => {
  const { dataDir } = temporarySpool();
  writeFileSync(join(dataDir, bufferFile), '');
  chmodSync(join(dataDir, bufferFile), 0o666);
  appendFrames(dataDir, [one]);
  expect(modeOf(join(dataDir, bufferFile))).toBe(0o600);
});

it('writes once on a file system that counts no links', async () => {
  const { dataDir } = temporaryPaths();
  const { stdout } = await runProgram(`
    import files from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    for (const name of ['fstatSync', 'lstatSync', 'statSync']) {
      const original = files[name];
      files[name] = (...args) => {
        const stat = original(...args);
        if (stat !== undefined) stat.nlink = 0;
        return stat;
      };
    }
    syncBuiltinESMExports();
    const { appendFrames } = await import(${JSON.stringify(fileUrl('src/counting/exit-append.ts'))});
    appendFrames(${JSON.stringify(dataDir)}, [${JSON.stringify(one)}]);
    console.log('appended');`);
  expect(stdout).toBe('appended\n');
  expect(framesIn(dataDir)).toEqual([one]);
});

describe('a buffer that is full', () => {
  const roomFor = (bytes: number): string => {
    const { dataDir } = temporarySpool();
    writeFileSync(join(dataDir, bufferFile), new Uint8Array(maxBufferBytes - bytes));
    return dataDir;
  };
  const newBytes = (dataDir: string, before: number): Buffer =>
    readFileSync(join(dataDir, bufferFile)).subarray(maxBufferBytes - before);

  test.each<[what: string, room: number, expected: Uint8Array]>([
    ['but for one frame takes it', bufferReserveBytes + bufferOf(one).length, bufferOf(one)],
    [
      'but for one byte of a frame takes a note of the loss',
      bufferReserveBytes + bufferOf(one).length - 1,
      bufferOf(frameOf(day, [], { dropped: 1 })),
    ],
    ['takes a note', bufferReserveBytes, bufferOf(frameOf(day, [], { dropped: 1 }))],
    ['to the last byte takes nothing', 0, new Uint8Array()],
  ])('%s', (_, room, expected) => {
    const dataDir = roomFor(room);
    appendFrames(dataDir, [one]);
    expect(newBytes(dataDir, room)).toEqual(Buffer.from(expected));
  });

  it('says how much it lost: calls, events, and what was lost before', () => {
    const dataDir = roomFor(100);
    const events = [['uninstall', { targets: [] }]] as const;
    appendFrames(dataDir, [frameOf(day, [queries(5, 2)], { events, dropped: 7 }), two]);
    expect(newBytes(dataDir, 100)).toEqual(
      Buffer.from(bufferOf(frameOf(day, [], { dropped: 5 + 1 + 7 + 2 }))),
    );
  });

  it('never grows past its bound', () => {
    const dataDir = roomFor(bufferReserveBytes + 200);
    for (let again = 0; again < 200; again++) appendFrames(dataDir, [one]);
    const { size } = statSync(join(dataDir, bufferFile));
    expect(size).toBeLessThanOrEqual(maxBufferBytes);
    expect(size).toBeGreaterThan(maxBufferBytes - 30);
  });
});

it('loses nothing when many processes append at the same time', async () => {
  const { dataDir } = temporaryPaths();
  const program = `
    import { appendFrames } from ${JSON.stringify(fileUrl('src/counting/exit-append.ts'))};
    const frame = ${JSON.stringify(one)};
    const start = ${Date.now() + 700};
    while (Date.now() < start);
    for (let times = 0; times < 100; times++) appendFrames(${JSON.stringify(dataDir)}, [frame]);`;
  const endings = await Promise.all([1, 2, 3, 4].map(() => runProgram(program)));
  expect(endings.map(({ stderr }) => stderr).join('')).toBe('');
  expect(framesIn(dataDir)).toEqual(Array(400).fill(one));
});
