import { durationBuckets, fileCountBuckets, toolNames } from '../../../../contract/report/lists.ts';
import type { Metric } from '../metrics.ts';
import type { Published } from '../publish.ts';
import { barTable, hiddenNote } from './bars.ts';
import { versionsChart } from './charts.ts';
import { html, nothing, type Html } from './html.ts';
import { matrixTable } from './matrix.ts';

/** What a page is made of: what is published of its period, and of those before it, oldest first. */
export interface PageData {
  readonly now: Published;
  readonly history: readonly Published[];
  /** `week` or `month`. */
  readonly noun: string;
}

function bars(
  { now, noun }: PageData,
  metric: Metric,
  head: string,
  more: Partial<Parameters<typeof barTable>[0]> = {},
): Html {
  const { cells = [], whole = 0, hidden_values: hidden = 0 } = now.metrics[metric] ?? {};
  const caption = `Share of all machines in the ${noun}`;
  if (cells.length === 0)
    return html`<p>Nothing that may be shown.</p>
      ${hiddenNote(hidden, now.k)}`;
  return barTable({ caption, head, whole, cells, hidden, k: now.k, ...more });
}

export function toolsSection(data: PageData): Html {
  const regressions = data.now.regressions.filter(({ kind }) => kind === 'tool');
  return html`<section id="tools">
    <h2>Which MCP tools are used, and which fail?</h2>
    <p>
      A machine with many calls counts like a machine with one. Uses are its calls in the
      ${data.noun}, at most 1,000 a day.
    </p>
    ${bars(data, 'tool', 'Tool', { isCode: true, regressions })}
  </section>`;
}

export function commandsSection(data: PageData): Html {
  const regressions = data.now.regressions.filter(({ kind }) => kind === 'command');
  return html`<section id="commands">
    <h2>Which commands could go?</h2>
    <p>Commands of the codegraph command line.</p>
    ${bars(data, 'command', 'Command', { isCode: true, regressions })}
  </section>`;
}

export function agentsSection(data: PageData): Html {
  return html`<section id="agents">
    <h2>Which agents should we test with?</h2>
    <p>By the name that the agent gives when it connects. Names on no list count as "other".</p>
    ${bars(data, 'agent', 'Agent', { isCode: true })}${toolsByAgent(data)}
    <h3>Agents that were set up</h3>
    ${bars(data, 'target', 'Agent', { isCode: true })}
  </section>`;
}

function toolsByAgent({ now }: PageData): Html {
  const { cells = [] } = now.metrics.tool_agent ?? {};
  const agents = now.metrics.agent?.cells.slice(0, 8) ?? [];
  if (cells.length === 0 || agents.length === 0) return nothing;
  const tools = toolNames.filter((tool) => cells.some(({ value }) => value.startsWith(`${tool} `)));
  return matrixTable({
    caption: 'Of the machines with an agent, the share that used a tool through it, in percent',
    head: 'Agent',
    cells,
    isRowFirst: false,
    rows: agents.map(({ value }) => value),
    columns: tools,
    wholeOf: (agent) => agents.find(({ value }) => value === agent)?.machines ?? 0,
    shorten: (tool) => tool.replace('codegraph_', ''),
  });
}

export function versionsSection(data: PageData): Html {
  return html`<section id="versions">
    <h2>How fast do new versions arrive?</h2>
    <p>Share of the machines by version. A machine that changed its version counts with both.</p>
    ${data.history.length > 1 ? versionsChart(data.history, data.noun) : nothing}
    ${bars(data, 'version', 'Version', { isCode: true })}
    <h3>What an installation was</h3>
    ${bars(data, 'install_kind', 'Kind')}
  </section>`;
}

export function platformsSection(data: PageData): Html {
  return html`<section id="platforms">
    <h2>What must it run on?</h2>
    <p>Before a system or a Node is dropped, this says for how many.</p>
    <div class="three">
      <div>
        <h3>Operating system</h3>
        ${bars(data, 'os', 'System')}
      </div>
      <div>
        <h3>Processor</h3>
        ${bars(data, 'arch', 'Name')}
      </div>
      <div>
        <h3>Node</h3>
        ${bars(data, 'node', 'Major', { nameOf: (value) => `Node ${value}` })}
      </div>
    </div>
  </section>`;
}

export function indexingSection(data: PageData): Html {
  return html`<section id="indexing">
    <h2>Which parsers matter, and is indexing fast enough?</h2>
    <p>Machines that indexed a project in the ${data.noun}.</p>
    <div class="two">
      <div>
        <h3>Languages</h3>
        ${bars(data, 'language', 'Language')}
      </div>
      <div>${sizes(data)}</div>
    </div>
  </section>`;
}

function sizes({ now }: PageData): Html {
  const { cells = [], hidden_values: hidden = 0 } = now.metrics.size_duration ?? {};
  const rows = fileCountBuckets.filter((size) =>
    cells.some(({ value }) => value.startsWith(`${size} `)),
  );
  if (rows.length === 0) return hiddenNote(hidden, now.k);
  const sumOf = (size: string): number =>
    cells
      .filter(({ value }) => value.startsWith(`${size} `))
      .reduce((sum, { machines }) => sum + machines, 0);
  return html`${matrixTable({
    caption: 'How long indexing took, by size of the project: percent of each row',
    head: 'Files',
    cells,
    isRowFirst: true,
    rows,
    columns: durationBuckets,
    wholeOf: sumOf,
  })}${hiddenNote(hidden, now.k)}`;
}
