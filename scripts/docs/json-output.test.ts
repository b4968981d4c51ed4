import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCommand } from '../run-command.ts';
import { withSealedEnvironment } from '../sealed-environment.ts';
import { pinnedNode, root } from '../set-up/paths.mjs';
import { firstColumn } from './read-markdown.ts';

const readme = readFileSync(join(root, 'README.md'), 'utf8');

it.each(['status', 'show'])('the README has every key of `telemetry %s --json`', async (name) => {
  const { code, output } = await withSealedEnvironment((env) =>
    runCommand(pinnedNode, [join(root, 'dist', 'codegraph.js'), 'telemetry', name, '--json'], {
      cwd: root,
      env,
    }),
  );

  expect(code).toBe(0);
  expect(Object.keys(JSON.parse(output))).toEqual(firstColumn(readme, `\`${name}\`:`));
});
