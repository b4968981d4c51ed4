import { hiddenFields } from '../fields.ts';
import { before, isWeek } from '../period.ts';
import { nameOf, type Published } from '../publish.ts';
import { rateOf, shareOf } from '../rules.ts';
import { newestFirst } from '../versions.ts';
import { lineChart } from './chart.ts';
import { machinesChart } from './charts.ts';
import { decisionsSection } from './decisions.ts';
import { html, nothing, type Html } from './html.ts';
import {
  agentsSection,
  commandsSection,
  indexingSection,
  platformsSection,
  toolsSection,
  versionsSection,
  type PageData,
} from './sections.ts';
import { style } from './style.ts';
import { formatCount, formatRate, formatSpan } from './words.ts';

/** What the page needs beside its own period. */
export interface PageContext {
  /** Periods of the same kind, oldest first, this one last. */
  readonly history: readonly Published[];
  /** The newest month, for a week's page. */
  readonly month: Published | undefined;
  /** Text of decisions.md. */
  readonly decisions: string;
}

/** The page of a period, from what is published alone: exact numbers do not reach it. */
export function writePage(now: Published, { history, month, decisions }: PageContext): string {
  const noun = isWeek(now.period) ? 'week' : 'month';
  const data: PageData = { now, history, noun };
  const body =
    now.machines === null
      ? html`<p>
          ${
            now.counting.newcomers_held > 0
              ? 'Far too many new machines reported, and too few others: nothing can be shown.'
              : `Fewer than ${now.k} machines reported: too few to show anything of.`
          }
        </p>`
      : html`${tiles(data, month)}${history.length > 1 ? lineChart(machinesChart(history, noun)) : nothing}
        ${toolsSection(data)}${commandsSection(data)}${agentsSection(data)}${versionsSection(data)}${platformsSection(data)}${indexingSection(data)}`;
  return `<!doctype html>
${
  html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width,initial-scale=1" />
      <title>codegraph telemetry, ${nameOf(now.period)}</title>
      <meta name="description" content="What codegraph's telemetry says: ${nameOf(now.period)}" />
      <style>
        ${{ html: style }}
      </style>
    </head>
    <body>
      <header>
        ${now.k === 1 ? demoNote() : nothing}
        <h1>What codegraph's telemetry says</h1>
        <p class="lead">
          ${nameOf(now.period)}, ${formatSpan(now.from, now.to)}, UTC. The maintainers have the same
          numbers, and no others in public decisions. This page sets no cookie, runs no script and
          asks no other server.
        </p>
        ${navigation(now, history)}
      </header>
      <main>${body} ${decisionsSection(decisions)}${howSection(data)}</main>
    </body>
  </html>`.html
}
`;
}

function demoNote(): Html {
  return html`<p class="demo">
    <strong>A demo.</strong> The rules of publication are relaxed: single machines and exact numbers
    are shown (k = 1). A public page never does this.
  </p>`;
}

function navigation({ period, machines }: Published, history: readonly Published[]): Html {
  const link = (address: string, text: string): Html =>
    html`<li><a href="${address}">${text}</a></li>`;
  const sections: readonly (readonly [string, string])[] = [
    ['tools', 'Tools'],
    ['commands', 'Commands'],
    ['agents', 'Agents'],
    ['versions', 'Versions'],
    ['platforms', 'Platforms'],
    ['indexing', 'Indexing'],
  ];
  const last = before(period);
  const hasLast = history.some((each) => each.period === last);
  return html`<nav aria-label="On this page and beside it">
    <ul>
      ${
        machines === null ? nothing : sections.map(([id, text]) => link(`#${id}`, text))
      }${link('#decided', 'What was decided')}${link('#how', 'How it is counted')}${link(`/v1/stats/${period}.json`, 'JSON')}${link(`/v1/stats/${period}.csv`, 'CSV')}${hasLast ? link(`/stats/${last}`, isWeek(period) ? 'Week before' : 'Month before') : nothing}
    </ul>
  </nav>`;
}

function tiles({ now, history, noun }: PageData, month: Published | undefined): Html {
  const last = history.at(-2)?.machines ?? null;
  const tools = now.metrics.tool?.cells ?? [];
  const uses = tools.reduce((sum, cell) => sum + (cell.uses ?? 0), 0);
  const errors = tools.reduce(
    (sum, cell) => sum + ((cell.uses ?? 0) * (cell.error_rate ?? 0)) / 100,
    0,
  );
  const [worse] = now.regressions;
  const versions = now.metrics.version?.cells ?? [];
  const [newest] = versions
    .filter(({ value }) => /^[\d.]+$/.test(value))
    .toSorted((one, other) => newestFirst(one.value, other.value));
  const tile = (head: string, value: string, note: string): Html =>
    html`<div>
      <dt>${head}</dt>
      <dd>${value}</dd>
      <dd>${note}</dd>
    </div>`;
  return html`<dl class="tiles">
    ${tile(`Machines in the ${noun}`, formatCount(now.machines ?? 0), change(now.machines, last, noun))}${
      month?.machines === null || month === undefined
        ? nothing
        : tile(
            `Machines in ${nameOf(month.period)}`,
            formatCount(month.machines),
            'each counted once',
          )
    }${tile('Tool calls that failed', formatRate(rateOf(errors, uses)), worse === undefined ? 'none is worse since a release' : `${worse.name} is worse since ${worse.version}`)}${
      newest === undefined
        ? nothing
        : tile(
            'On the newest version',
            `${Math.min(100, shareOf(newest.machines, now.machines ?? 0))} %`,
            `${newest.value}${ageOf(newest.value, history, noun)}`,
          )
    }
  </dl>`;
}

/** How long ago a version was first published; nothing where that is before all that is known. */
function ageOf(version: string, history: readonly Published[], noun: string): string {
  const first = history.findIndex(({ metrics }) =>
    metrics.version?.cells.some(({ value }) => value === version),
  );
  const age = history.length - 1 - first;
  if (first <= 0 || age === 0) return '';
  return `, first seen ${age} ${noun}${age === 1 ? '' : 's'} before`;
}

function change(now: number | null, last: number | null, noun: string): string {
  if (now === null || last === null || last === 0) return 'each ID counted once';
  const percent = Math.round((100 * (now - last)) / last);
  if (percent === 0) return `as many as the ${noun} before`;
  return `${Math.abs(percent)} % ${percent > 0 ? 'more' : 'fewer'} than the ${noun} before`;
}

function howSection({ now, noun }: PageData): Html {
  const { rate, counting, k } = now;
  const { refused, late, held_back, newcomers_held, ci_machines, canary } = counting;
  return html`<section id="how">
    <h2>How it is counted, and what is wrong with it</h2>
    <ul class="how">
      <li>
        Only machines whose owner agreed, or was told and did not refuse. They are not a fair
        sample: machines whose owner turned telemetry off are missing.
        ${ci_machines === null ? `Fewer than ${k}` : formatCount(ci_machines)} build machines
        reported and are left out everywhere.
      </li>
      <li>
        A value seen on fewer than ${k} machines is not shown, and neither is one from which it
        could be computed. Counts have two digits; shares and rates are computed from those. No
        number is given for a single day.
      </li>
      <li>
        A ${noun} is published four days after its end, and again, for the last time, after eight.
        Later reports are not counted: ${formatRate(late)} of its events came too late.
        ${now.final ? 'These are the last numbers.' : 'These numbers may still change a little.'}
      </li>
      <li>
        ${rate === 1 ? 'Every machine was counted.' : `One machine in ${formatCount(Math.round(1 / rate))} was counted, chosen by a keyed hash, and all counts are scaled.`}
        ${formatRate(refused)} of the reports were refused, ${formatRate(held_back)} of the events
        were held back by the budget. The ingest's hourly report to itself
        ${canary ? 'arrived' : 'did not always arrive'}.
      </li>
      <li>
        The id of a machine changes with each month, so a
        ${noun === 'week' ? 'week over the end of a month counts machines of both months twice' : 'machine cannot be followed from one month to the next'}.
      </li>
      <li>
        Anyone can send invented reports. An invented machine counts as one machine, with at most
        1,000 uses of a name a day; to move a share by one point takes one invented machine for each
        hundred real ones. When far too many new machines report in an hour, none of them is
        counted: ${formatRate(newcomers_held)} of the reports.
      </li>
      <li>
        <details>
          <summary>Collected and in no chart</summary>
          <ul>
            ${Object.entries(hiddenFields).map(
              ([field, reason]) => html`<li><code>${field}</code> ${reason}</li>`,
            )}
          </ul>
        </details>
      </li>
      <li>
        The numbers are in the public domain (CC0). <a href="/v1/stats/index.json">All periods</a> ·
        <a href="/v1/schema.json">everything that is collected</a> ·
        <a href="/">how to turn it off</a>
      </li>
    </ul>
  </section>`;
}
