// `npm run bench`: measures ours beside its peers, in one run, and prints one table. Ratios are the
// point: the machine's other business hits all contestants alike.
//
//   npm run bench                     everything
//   npm run bench -- quick            everything, a tenth as often
//   npm run bench -- short            what a start and an exit cost, quickly and without peers
//   npm run bench -- flush sandbox    these
//   npm run bench -- --json           as JSON
//   npm run bench -- --write          and into docs/bench.md
//
// It fails when a row falls behind the published client's.
import { arch, cpus, platform, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { type Bench, type Effort, isBehind, type Row } from './bench.ts';
import { command } from './command.ts';
import { engineModule } from './engine-module.ts';
import { engineServer } from './engine-server.ts';
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
  engineServer,
  command,
  exitAppend,
  flush,
  machineDay,
  sandbox,
  front,
  mcp,
  installSize,
];

// A noisy minute can put any row behind. What is behind three times is.
const maxRuns = 3;

/** What every command pays: half a minute, for build servers. */
const short = [increment, open, engineModule, command, exitAppend].map(({ name }) => name);

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const isShort = positionals.includes('short');
const effort: Effort = isShort || positionals.includes('quick') ? 'quick' : 'full';
const names = positionals.filter((name) => name !== 'quick' && name !== 'short');
const chosen = choose([...names, ...(isShort ? short : [])]);
if (chosen === undefined || (values.write && (effort === 'quick' || chosen !== benches))) {
  const known = benches.map(({ name }) => name).join('|');
  console.error(
    `Usage: npm run bench -- [quick|short] [${known}]… [--json]\n       … --write, of all in full`,
  );
  process.exit(2);
}

try {
  // Asked first: no minutes of measuring for a table without a place.
  if (values.write) checkPage();
  const table = await runAll(chosen);
  console.log(values.json ? formatJson(table) : `${machine()}\n\n${formatTable(table)}`);
  judge(table);
  if (values.write) await writeIntoPage(`${caption()}\n\n${formatMarkdown(table)}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** The benches of these names, or all; undefined when one is not known. */
function choose(wanted: readonly string[]): readonly Bench[] | undefined {
  if (wanted.length === 0) return benches;
  if (!wanted.every((name) => benches.some((bench) => bench.name === name))) return undefined;
  return benches.filter(({ name }) => wanted.includes(name));
}

async function runAll(all: readonly Bench[]): Promise<readonly Row[]> {
  const context = { peers: isShort ? undefined : installPeers() };
  const rows: Row[] = [];
  for (const { name, run } of all) {
    const start = performance.now();
    rows.push(...(await runUntilAhead(() => run(effort, context))));
    const seconds = (performance.now() - start) / 1_000;
    // Progress, beside the table.
    console.error(`${name.padEnd(14)}${seconds.toFixed(1).padStart(6)} s`);
  }
  return rows;
}

async function runUntilAhead(
  run: () => Promise<readonly Row[]>,
  runs = 1,
): Promise<readonly Row[]> {
  const rows = await run();
  const isDone = runs === maxRuns || !rows.some(isUnexplained);
  return isDone ? rows : await runUntilAhead(run, runs + 1);
}

function isUnexplained(row: Row): boolean {
  return isBehind(row) && row.because === undefined;
}

/** The process fails for a row that is behind the published client, with nothing that explains it. */
function judge(rows: readonly Row[]): void {
  for (const row of rows.filter(isUnexplained)) {
    console.error(`${row.what}: behind the published client, in each of ${maxRuns} runs.`);
    process.exitCode = 1;
  }
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
