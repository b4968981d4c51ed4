// `npm run bench`: measures ours beside its peers, in one run, and prints one table. Ratios are the
// point: the machine's other business hits all contestants alike.
//
//   npm run bench                     everything
//   npm run bench -- quick            everything, a tenth as often
//   npm run bench -- flush sandbox    these
//   npm run bench -- --json           as JSON
//   npm run bench -- --write          and into docs/bench.md
import { arch, cpus, platform, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import type { Bench, Effort, Row } from './bench.ts';
import { command } from './command.ts';
import { engineModule } from './engine-module.ts';
import { exitAppend } from './exit-append.ts';
import { flush } from './flush.ts';
import { front } from './front.ts';
import { increment } from './increment.ts';
import { installSize } from './install-size.ts';
import { machineDay } from './machine-day.ts';
import { mcp } from './mcp.ts';
import { open } from './open.ts';
import { installPeers } from './peers.ts';
import { checkPage, writeIntoPage } from './page.ts';
import { sandbox } from './sandbox.ts';
import { formatMarkdown, formatTable } from './table.ts';

const benches: readonly Bench[] = [
  increment,
  open,
  engineModule,
  command,
  exitAppend,
  flush,
  machineDay,
  sandbox,
  front,
  mcp,
  installSize,
];

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const effort: Effort = positionals.includes('quick') ? 'quick' : 'full';
const chosen = choose(positionals.filter((name) => name !== 'quick'));
if (chosen === undefined || (values.write && (effort === 'quick' || chosen !== benches))) {
  const names = benches.map(({ name }) => name).join('|');
  console.error(
    `Usage: npm run bench -- [quick] [${names}]… [--json]\n       … --write, of all in full`,
  );
  process.exit(2);
}

try {
  // Asked first: no minutes of measuring for a table without a place.
  if (values.write) checkPage();
  const table = await runAll(chosen);
  console.log(values.json ? formatJson(table) : `${machine()}\n\n${formatTable(table)}`);
  if (values.write) await writeIntoPage(`${caption()}\n\n${formatMarkdown(table)}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** The benches of these names, or all; undefined when one is not known. */
function choose(names: readonly string[]): readonly Bench[] | undefined {
  if (names.length === 0) return benches;
  if (!names.every((name) => benches.some((bench) => bench.name === name))) return undefined;
  return benches.filter(({ name }) => names.includes(name));
}

async function runAll(all: readonly Bench[]): Promise<readonly Row[]> {
  const context = { peers: installPeers() };
  const rows: Row[] = [];
  for (const { name, run } of all) {
    const start = performance.now();
    rows.push(...(await run(effort, context)));
    const seconds = (performance.now() - start) / 1_000;
    // Progress, beside the table.
    console.error(`${name.padEnd(14)}${seconds.toFixed(1).padStart(6)} s`);
  }
  return rows;
}

function caption(): string {
  return (
    `Medians of \`npm run bench\`, ${today()}, ${machine()}. "Published" is the telemetry of the ` +
    'engine, 1.6.1, in the same run; a ratio below 1 is in our favour. posthog is posthog-node, ' +
    'OpenTelemetry its metrics SDK with the OTLP exporter.'
  );
}

function formatJson(rows: readonly Row[]): string {
  return JSON.stringify({ date: today(), machine: machine(), effort, rows }, undefined, 2);
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

function machine(): string {
  const [cpu] = cpus();
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  const system = `${platform()} ${arch()}, ${cpus().length} × ${cpu?.model.trim() ?? 'CPU'}`;
  return `Node ${process.versions.node}, ${system}, ${memoryGb} GB`;
}
