import type { Published } from '../publish.ts';
import { draw } from './chart.ts';
import { machinesChart } from './charts.ts';

const style =
  '.line{fill:none;stroke:#2d6da3;stroke-width:2.2}.grid{stroke:#8884;fill:none}.mark{stroke:#8888;stroke-dasharray:2 3;fill:none}text{font:12px system-ui,sans-serif;fill:#777}';

/** `/v1/stats.svg`: machines by week, for a README. Grey on nothing: it fits light and dark. */
export function writeBadge(history: readonly Published[]): string {
  const size = { width: 720, height: 200, right: 110, kind: 'badge', hasPoints: false };
  const { html } = draw(machinesChart(history, 'week'), size);
  return html
    .trim()
    .replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ')
    .replace(/>/, `><style>${style}</style>`);
}
