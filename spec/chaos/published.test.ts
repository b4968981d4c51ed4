import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dist } from '../support/paths.ts';

it('nothing that is published can hold a process up before a step', () => {
  const files = readdirSync(dist).filter((name) => name.endsWith('.js'));
  const hooks = /chaos|SIGSTOP|debugger|at (?:main|sender): /;

  expect(files).toContain('sender-thread.js');
  expect(files.filter((name) => hooks.test(readFileSync(join(dist, name), 'utf8')))).toEqual([]);
});
