import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../spec/support/home.ts';
import { fileUrl, runProgram } from '../../spec/support/programs.ts';
import { whyNoThread } from './thread-room.ts';

/** What a process says that has changed this of itself first. */
async function reasonAfter(change: string): Promise<string> {
  const { stdout, stderr } = await runProgram(`
    import { whyNoThread } from ${JSON.stringify(fileUrl('src/sending/thread-room.ts'))};
    ${change}
    console.log(whyNoThread('/home/alice/.codegraph') ?? 'none');`);
  expect(stderr).toBe('');
  return stdout.trim();
}

/** As Node has it with these permissions, on a Node that knows of the network or does not. */
function permitting(scopes: readonly string[], knowsNetwork: boolean): string {
  return `
    process.permission = { has: (scope) => ${JSON.stringify(scopes)}.includes(scope) };
    const flags = { has: (flag) => flag === '--allow-net' && ${knowsNetwork} };
    Object.defineProperty(process, 'allowedNodeEnvironmentFlags', { value: flags });`;
}

const noPermission = 'Node’s permissions do not allow it';

test.each<[what: string, change: string, reason: string]>([
  ['as it is', '', 'none'],
  ['that has no limit', 'process.constrainedMemory = () => 0;', 'none'],
  ['in a container of 2 GB', 'process.constrainedMemory = () => 2e9;', 'none'],
  [
    'in a container of 100 MB',
    'process.constrainedMemory = () => 1e8;',
    'the process has too little memory',
  ],
  ['with all permissions', permitting(['fs.write', 'worker', 'net'], true), 'none'],
  ['on a Node that knows no network', permitting(['fs.write', 'worker'], false), 'none'],
  ['that may not write', permitting(['worker', 'net'], true), noPermission],
  ['that may not start a thread', permitting(['fs.write', 'net'], true), noPermission],
  ['that may not use the network', permitting(['fs.write', 'worker'], true), noPermission],
])('a process %s', async (_, change, reason) => {
  expect(await reasonAfter(change)).toBe(reason);
});

test.each<[platform: NodeJS.Platform, reason: string]>([
  ['linux', 'the process has too little memory'],
  ['darwin', 'none'],
  ['win32', 'none'],
])('on %s, a /proc that tells of a full memory gives the reason: %s', (platform, reason) => {
  const proc = temporaryFolder();
  writeFileSync(join(proc, 'meminfo'), 'MemAvailable: 1 kB\nSwapFree: 0 kB\n');
  const sources = { proc, groups: proc };

  expect(whyNoThread('/home/alice/.codegraph', sources, platform) ?? 'none').toBe(reason);
});
