import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpack } from 'msgpackr';
import pc from 'picocolors';
import type { PostHogStandIn, RunningIngest, StandInEvent } from '../../worker/local/index.ts';
import { bufferFile, spoolFolder } from '../../contract/files.ts';
import { scanFrames } from '../../contract/frame.ts';
import type { Day, Outcome, Stage } from './stage.ts';
import type { Wire } from './wire.ts';

export interface Cast {
  readonly stage: Stage;
  readonly wire: Wire;
  readonly posthog: PostHogStandIn;
  readonly ingest: RunningIngest;
}

// `query` in a folder without an index is the one that fails.
const commandsOfYesterday = [
  ['init'],
  ['query', 'openTelemetry'],
  ['query', 'decideConsent'],
  ['query', 'absorb'],
  ['query', 'absorb', '--path', '/nowhere'],
] as const;

const agent = { name: 'claude-code', version: '2.1.317' };
const questions = ['how are counters flushed', 'who decides about consent'];

const expected = [
  'codegraph_explore 2 times, 0 failed, by claude-code 2.1',
  'index of a project',
  'init 1 time, 0 failed',
  'query 4 times, 1 failed',
  'serve 1 time, 0 failed',
];

/** Plays the whole trip and shows each step's real output. Returns whether all of it was right. */
export async function tellStory({ stage, wire, posthog, ingest }: Cast): Promise<boolean> {
  const checks: boolean[] = [];
  const check = (claim: string, isTrue: boolean): void => {
    say(isTrue ? pc.green(`✓ ${claim}`) : pc.red(`✗ ${claim}`));
    checks.push(isTrue);
  };
  const run = async (args: readonly string[], when: Day): Promise<void> => {
    say(pc.cyan(`$ codegraph ${args.join(' ')}`));
    say(pc.dim(shorten(await stage.run(args, when))));
  };

  heading('The ingest runs in workerd and PostHog is a stand-in, both on this machine');
  say(`ingest   ${ingest.url}/v1/events\nPostHog  ${posthog.url}/batch/`);

  heading('A person says yes');
  await run(['telemetry', 'on'], 'today');

  heading('Yesterday: the real engine indexes a real project, and is asked a few things');
  for (const args of commandsOfYesterday) await run(args, 'yesterday');

  heading('An agent asks the MCP server; each call is counted when its reply is on the wire');
  say(pc.cyan(`${agent.name} ${agent.version} → $ codegraph serve --mcp`));
  const answers = await stage.ask(agent, questions, 'yesterday');
  say(pc.dim(answers.map((answer, call) => `${questions[call]}? ${answer}`).join('\n')));

  heading('What is on the disk: one small frame a command; no argument, no path, no code');
  say(describeBuffer(stage.home));

  heading('Today: beside `sync`, a thread rolls yesterday up, checks it in WebAssembly and sends');
  await sendYesterday(() => run(['sync'], 'today'), posthog);

  heading('What crossed the wire, to the byte');
  for (const { body, status } of wire.crossings) say(`POST ${body}\n${pc.green(`→ ${status}`)}`);

  heading('What PostHog would have received');
  say(posthog.events.map(describeEvent).join('\n'));

  heading('Did all of it arrive, once?');
  const arrived = posthog.events.map(summarize).toSorted();
  say(`counted  ${expected.join('; ')}\narrived  ${arrived.join('; ')}`);
  check('what arrived is what was counted', arrived.join() === expected.join());
  check(
    'every report was accepted',
    wire.crossings.every(({ status }) => status === 204),
  );

  heading('The person says no');
  await run(['telemetry', 'off'], 'today');
  const left = readdirSync(join(stage.home, '.codegraph'));
  say(`left in ~/.codegraph: ${left.join(', ')}`);
  check('nothing but the choice is left', left.join() === 'telemetry.json');
  await run(['query', 'flush'], 'today');
  check('and nothing is counted', !existsSync(join(stage.home, '.codegraph', spoolFolder)));
  return checks.every(Boolean);
}

/** The flush runs beside the engine and is cut off with it: then the next command takes it up. */
async function sendYesterday(sync: () => Promise<void>, posthog: PostHogStandIn): Promise<void> {
  for (let attempt = 1; attempt <= 5; attempt++) {
    await sync();
    try {
      await posthog.waitForEvents(expected.length, 3_000);
      return;
    } catch {
      say('The engine was done before the flush was. The next command takes it up:');
    }
  }
}

function summarize({ event, properties }: StandInEvent): string {
  if (event !== 'usage_rollup') return `${event} of a project`;
  const { name, count, error_count, client_name, client_version } = properties;
  const times = `${String(count)} ${count === 1 ? 'time' : 'times'}, ${String(error_count)} failed`;
  const by = typeof client_name === 'string' ? `, by ${client_name} ${String(client_version)}` : '';
  return `${String(name)} ${times}${by}`;
}

function describeEvent({ event, timestamp, distinct_id, properties }: StandInEvent): string {
  return `${pc.bold(event)} ${timestamp} ${distinct_id}\n  ${JSON.stringify(properties)}`;
}

function describeBuffer(home: string): string {
  const bytes = readFileSync(join(home, '.codegraph', bufferFile));
  const { payloads } = scanFrames(bytes);
  const frames = payloads.map((payload) => `  ${JSON.stringify(unpack(payload))}`);
  const head = `${bytes.length} bytes, ${frames.length} frames of [version, day, counters, events, dropped]`;
  return [head, ...frames].join('\n');
}

function shorten({ code, stdout, stderr }: Outcome): string {
  const lines = `${stdout}${stderr}`.split('\n').filter((line) => /\w/.test(line));
  const shown =
    lines.length > 4 ? [...lines.slice(0, 3), `… ${lines.length - 3} more lines`] : lines;
  return [...shown, ...(code === 0 ? [] : [`exit code ${code}`])].join('\n');
}

function heading(text: string): void {
  console.log(`\n${pc.bold(text)}`);
}

function say(text: string): void {
  console.log(text.replaceAll(/^/gm, '  '));
}
