// Everything a change has to pass: `npm run check`, or single steps by name. `fix` is the step
// that repairs what a tool can repair.
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { type CommandResult, runCommand } from './run-command.ts';
import { withSealedEnvironment } from './sealed-environment.ts';
import { pinnedNode, root } from './set-up/paths.mjs';
import { twoAtOnce } from './two-at-once.ts';

type Command = readonly [script: string, ...args: string[]];

const tool = (name: string, script: string): string => `node_modules/${name}/${script}`;
const oxfmt = tool('oxfmt', 'bin/oxfmt');
const oxlint = tool('oxlint', 'bin/oxlint');
const wrangler = (...args: string[]): Command => [
  tool('wrangler', 'bin/wrangler.js'),
  '--cwd',
  'worker',
  ...args,
];

/** Each reads the sources, and writes nothing that another reads. */
const readers: Record<string, readonly Command[]> = {
  lint: [[oxlint]],
  format: [[oxfmt, '--check']],
  prose: [
    ['scripts/check-prose.ts'],
    [tool('cspell', 'bin.mjs'), 'lint', '--no-progress', '--no-summary'],
  ],
  types: [[tool('typescript', 'bin/tsc'), '--build']],
  unused: [[tool('knip', 'bin/knip.js'), '--no-progress']],
  workflows: [['scripts/check-workflows.ts']],
  // As it would be deployed; nothing is uploaded.
  ingest: [wrangler('types', '--check'), wrangler('deploy', '--dry-run')],
};
/** Each takes the whole machine, or what the one before it left. */
const inTurn: Record<string, readonly Command[]> = {
  build: [['scripts/build.ts']],
  test: [['scripts/test.ts']],
  package: [['scripts/check-package.ts']],
};
const steps = { ...readers, ...inTurn };
// Asked for by name: they ask npm's registry, and `hosts` takes minutes.
const onRequest: Record<string, readonly Command[]> = {
  audit: [['scripts/check-audit.ts']],
  hosts: [['scripts/check-hosts.ts']],
};
const repairs: Record<string, readonly Command[]> = {
  generate: [['scripts/worker-types.ts']],
  fix: [[oxlint, '--fix'], [oxfmt]],
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { without: { type: 'string', multiple: true, default: [] } },
});
const asked = positionals.length > 0 ? withPrerequisites(positionals) : Object.keys(steps);
const known = { ...steps, ...onRequest, ...repairs };
for (const name of [...asked, ...values.without]) {
  if (!Object.hasOwn(known, name)) {
    console.error(`No such step: ${name}. There are: ${Object.keys(known).join(', ')}`);
    process.exit(2);
  }
}

const todo = asked.filter((step) => !values.without.includes(step));
// Lint rules, the compiler and wrangler itself read the types that wrangler generates.
if (todo.some((name) => ['lint', 'types', 'ingest'].includes(name))) {
  await runOne('generate');
}
const isReader = (name: string): boolean => Object.hasOwn(readers, name);
await twoAtOnce(todo.filter(isReader), runOne);
for (const name of todo.filter((step) => !isReader(step))) await runOne(name);

/** Runs it, unless another has failed. */
async function runOne(name: string): Promise<void> {
  if (process.exitCode !== undefined) return;
  const failure = await runStep(name, known[name] ?? []);
  if (failure === null) return;
  console.error(`\n${failure.trimEnd()}\n\ncheck: ${name} failed`);
  process.exitCode = 1;
}

/** What the step printed when it failed; null when it passed. */
async function runStep(name: string, commands: readonly Command[]): Promise<string | null> {
  const start = performance.now();
  let lastLine = '';
  for (const command of commands) {
    const run = (env: NodeJS.ProcessEnv): Promise<CommandResult> =>
      runCommand(pinnedNode, command, { cwd: root, env });
    // Wrangler would report to Cloudflare, and use an account that it finds.
    const { code, output } = await (name === 'ingest'
      ? withSealedEnvironment(run)
      : run(process.env));
    if (code !== 0) return `${relative(root, command[0])}:\n${output}`;
    lastLine = output.trimEnd().split('\n').at(-1) ?? '';
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  // It says how many tests there were, or whether there was an audit at all.
  const result = ['test', 'audit'].includes(name) ? lastLine : '';
  console.log(`${name.padEnd(8)} ok ${seconds.padStart(6)} s  ${result}`.trimEnd());
  return null;
}

/** Some look at what was built. */
function withPrerequisites(names: readonly string[]): string[] {
  const needsBuild = names.some((name) => ['test', 'package', 'hosts', 'audit'].includes(name));
  return needsBuild && !names.includes('build') ? ['build', ...names] : [...names];
}
