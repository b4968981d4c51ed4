import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand } from './run-command.ts';
import { modules, root } from './set-up/paths.mjs';

interface Row {
  readonly name: string;
  readonly path: string;
  readonly code: string;
  /** The rule that has to refuse it; null when all of ours have to let it pass. */
  readonly rule: string | null;
}

const boundary = 'ours(import-boundaries)';
const address = 'ours(no-client-address)';
const connection = 'ours(no-connections)';

const row = (name: string, path: string, code: string, rule: string | null): Row => ({
  name,
  path,
  code,
  rule,
});

const handler = (body: string): string =>
  `export function handle(request: Request): unknown { ${body} }`;

const rows: readonly Row[] = [
  row('src names the sender thread', 'src/a1.ts', "import '../sender-thread/x.ts';", boundary),
  row('src names the worker', 'src/a2.ts', "import '../worker/src/x.ts';", boundary),
  row('src names a vector', 'src/a3.ts', "import '../spec/vectors/x.ts';", boundary),
  row('src imports late', 'src/a4.ts', "await import('../sender-thread/x.ts');", boundary),
  row('src imports by template', 'src/a5.ts', 'await import(`../worker/src/x.ts`);', boundary),
  row('src takes a type', 'src/a6.ts', "export type { X } from '../worker/src/x.ts';", boundary),
  row(
    'src takes an import type',
    'src/a7.ts',
    "export type X = import('../worker/x.ts').X;",
    boundary,
  ),
  row('src passes all on', 'src/a8.ts', "export * from '../sender-thread/x.ts';", boundary),
  row('src goes round by name', 'src/a9.ts', "import 'codegraph-telemetry/contract';", boundary),
  row('src below names it too', 'src/deep/a.ts', "import '../../sender-thread/x.ts';", boundary),
  row('src names the contract', 'src/b1.ts', "import '../contract/x.ts';", null),
  row('src names a package', 'src/b2.ts', "import 'node:fs'; import 'piscina';", null),
  row('src names a package of another', 'src/a10.ts', "import 'undici';", boundary),
  row('a test looks across', 'src/b3.test.ts', "import '../worker/src/x.ts';", null),

  row('sender thread names src', 'sender-thread/a1.ts', "import '../src/x.ts';", boundary),
  row(
    'sender thread names the worker',
    'sender-thread/a2.ts',
    "import '../worker/x.ts';",
    boundary,
  ),
  row('sender thread hides a name', 'sender-thread/a4.ts', 'await import(String(1));', boundary),
  row('sender thread names the bench', 'sender-thread/a3.ts', "import '../bench/x.ts';", boundary),
  row(
    'sender thread names the contract',
    'sender-thread/b1.ts',
    "import '../contract/x.ts';",
    null,
  ),

  row(
    'guest names the sender thread',
    'sender-thread/guest/a1.ts',
    "import '../claim.ts';",
    boundary,
  ),
  row('guest names Node', 'sender-thread/guest/a2.ts', "import 'node:fs';", boundary),
  row('guest names another package', 'sender-thread/guest/a3.ts', "import 'piscina';", boundary),
  row('guest hides a name', 'sender-thread/guest/a4.ts', 'await import(String(1));', boundary),
  row('guest names an absolute path', 'sender-thread/guest/a5.ts', "import '/etc/x.ts';", boundary),
  row('guest names what it may', 'sender-thread/guest/b1.ts', "import 'msgpackr/unpack';", null),
  row(
    'guest names the contract',
    'sender-thread/guest/b2.ts',
    "import '../../contract/x.ts';",
    null,
  ),

  row('contract names Node', 'contract/a1.ts', "import 'node:fs';", boundary),
  row('contract names src', 'contract/a2.ts', "import '../src/x.ts';", boundary),
  row('contract names a vector', 'contract/a3.ts', "import '../spec/vectors/x.ts';", boundary),
  row('contract names valibot', 'contract/b1.ts', "import 'valibot';", null),
  row('a bench looks across', 'bench/b1.ts', "import '../sender-thread/x.ts';", null),
  row('an example is a host', 'examples/b1.ts', "import 'codegraph-telemetry/mcp';", null),

  row('worker names src', 'worker/src/a1.ts', "import '../../src/x.ts';", boundary),
  row(
    'worker names the guest',
    'worker/src/a2.ts',
    "import '../../sender-thread/guest/x.ts';",
    boundary,
  ),
  row(
    'worker names the story',
    'worker/src/a3.ts',
    "import '../../examples/story/x.ts';",
    boundary,
  ),
  row('worker names its local runner', 'worker/src/a4.ts', "import '../local/x.ts';", boundary),
  row('worker names the contract', 'worker/src/b1.ts', "import '../../contract/x.ts';", null),
  row('a promise looks across', 'spec/promises/b1.ts', "import '../../src/x.ts';", null),

  row('worker reads cf', 'worker/src/c1.ts', handler('return request.cf;'), address),
  row(
    'worker takes cf apart',
    'worker/src/c2.ts',
    handler('const { cf } = request; return cf;'),
    address,
  ),
  row('worker reads cf by name', 'worker/src/c3.ts', handler("return request['cf'];"), address),
  row(
    'worker reads the address',
    'worker/src/c4.ts',
    handler("return request.headers.get('CF-Connecting-IP');"),
    address,
  ),
  row(
    'worker reads who forwarded',
    'worker/src/c5.ts',
    handler('return request.headers.get(`x-forwarded-for`);'),
    address,
  ),
  row(
    'worker reads the real address',
    'worker/src/c6.ts',
    handler("return request.headers.get('x-real-ip');"),
    address,
  ),
  row(
    'worker reads another header',
    'worker/src/d1.ts',
    handler("return request.headers.get('content-type');"),
    null,
  ),
  row(
    'a test sends an address',
    'worker/src/d2.test.ts',
    "export const header = 'cf-connecting-ip';",
    null,
  ),

  ...['http', 'https', 'http2', 'net', 'tls', 'dns', 'dns/promises', 'dgram'].map((name, index) =>
    row(`src imports ${name}`, `src/g${index}.ts`, `import 'node:${name}';`, connection),
  ),
  row('src imports it late', 'src/h1.ts', "await import('node:net');", connection),
  row('src imports it by template', 'src/h2.ts', 'await import(`node:net`);', connection),
  row('src passes it on', 'src/h3.ts', "export { connect } from 'node:tls';", connection),
  row('src asks Node', 'src/h4.ts', "process.getBuiltinModule('node:http');", connection),
  row('src asks without node:', 'src/h5.ts', "process.getBuiltinModule('https');", connection),
  row(
    'src asks by a variable',
    'src/h6.ts',
    "const name = 'node:http';\nprocess.getBuiltinModule(name);",
    connection,
  ),
  row('src fetches', 'src/h7.ts', "await fetch('https://example.com');", connection),
  row('src fetches by name', 'src/h8.ts', "globalThis['fetch'];", connection),
  row('src calls fetch something else', 'src/h9.ts', 'export const f = fetch;', connection),
  row('src opens a web socket', 'src/h10.ts', "new WebSocket('ws://localhost');", connection),
  row('src asks as browsers did', 'src/h11.ts', 'new XMLHttpRequest();', connection),
  row('contract fetches', 'contract/h1.ts', "await fetch('https://example.com');", connection),
  row('sender thread sends', 'sender-thread/h1.ts', "import 'node:https';", connection),
  row('guest fetches', 'sender-thread/guest/h1.ts', 'globalThis.fetch;', connection),
  row('the one that may sends', 'sender-thread/send.ts', "import 'node:https';", null),
  row('src asks Node for files', 'src/i1.ts', "process.getBuiltinModule('node:fs');", null),
  row('a test fetches', 'src/i2.test.ts', "await fetch('http://localhost');", null),

  row(
    'a promise floats',
    'src/e1.ts',
    'async function f(): Promise<void> {}\nf();',
    'typescript(no-floating-promises)',
  ),
  row(
    'a promise floats in the guest',
    'sender-thread/guest/e1.ts',
    'async function f(): Promise<void> {}\nf();',
    'typescript(no-floating-promises)',
  ),
  row(
    'a promise floats in the worker',
    'worker/src/e1.ts',
    'async function f(): Promise<void> {}\nf();',
    'typescript(no-floating-promises)',
  ),
  row(
    'a switch forgets a case',
    'src/e2.ts',
    "export function f(x: 'a' | 'b'): void { switch (x) { case 'a': } }",
    'typescript(switch-exhaustiveness-check)',
  ),
  row('anything is any', 'src/e3.ts', 'export const x: any = 1;', 'typescript(no-explicit-any)'),
  row(
    'a cycle begins',
    'src/f1.ts',
    "import { b } from './f2.ts';\nexport const a = (): number => b();",
    'import(no-cycle)',
  ),
  row(
    'a cycle ends',
    'src/f2.ts',
    "import { a } from './f1.ts';\nexport const b = (): number => a();",
    'import(no-cycle)',
  ),
];

let folder: string;
let findings: readonly { code: string; filename: string }[];

// One run over all rows, in a folder laid out like this repository.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'codegraph-telemetry-lint-'));
  // All of them: a config that names a missing one makes oxlint resolve nothing, and find no cycle.
  const { references }: { references: { path: string }[] } = JSON.parse(
    await readFile(join(root, 'tsconfig.json'), 'utf8'),
  );
  const configs = ['.oxlintrc.json', 'scripts/lint', 'tsconfig.json', 'tsconfig.base.json'];
  for (const path of [...configs, ...references.map((reference) => reference.path)]) {
    await cp(join(root, path), join(folder, path), { recursive: true });
  }
  // wrangler generates the real one.
  await writeFile(join(folder, 'worker', 'worker-configuration.d.ts'), '');
  await symlink(modules, join(folder, 'node_modules'), 'junction');
  for (const { path, code } of rows) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), `${code}\n`);
  }

  const oxlint = join(modules, 'oxlint', 'bin', 'oxlint');
  const folders = ['contract', 'src', 'sender-thread', 'spec', 'bench', 'examples', 'worker'];
  const args = [oxlint, '--format=json', ...folders];
  const { output } = await runCommand(process.execPath, args, { cwd: folder, env: process.env });
  findings = JSON.parse(output).diagnostics;
});

afterAll(() => rm(folder, { recursive: true, force: true }));

it.each(rows)('$name: $path', ({ path, rule }) => {
  const codes = findings.filter(({ filename }) => filename === path).map(({ code }) => code);
  const relevant = codes.filter((code) =>
    rule === null ? code.startsWith('ours(') : code === rule,
  );

  expect([...new Set(relevant)]).toEqual(rule === null ? [] : [rule]);
});
