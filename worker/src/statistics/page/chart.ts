import { scaleLinear, scalePoint } from 'd3-scale';
import { line } from 'd3-shape';
import { html, nothing, type Html } from './html.ts';
import { formatMonthName } from './words.ts';

export interface Series {
  readonly name: string;
  /** One for each period; null where nothing is published. */
  readonly values: readonly (number | null)[];
}

export interface ChartData {
  readonly title: string;
  /** First day of each period. */
  readonly days: readonly string[];
  /** What a point is called, such as `Week 47 of 2026`. */
  readonly labels: readonly string[];
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
  /** Left out, the axis ends above the largest value. */
  readonly most?: number;
  /** Dotted lines, by the index of their period. */
  readonly marks?: readonly { readonly at: number; readonly name: string }[];
}

interface Size {
  readonly width: number;
  readonly height: number;
  readonly right: number;
  readonly kind: string;
  /** Whether a pointer on a period is told its value. A phone has no pointer, and a picture no titles. */
  readonly hasPoints: boolean;
}

// Two drawings: one that is scaled down has letters of four pixels on a phone.
const sizes: readonly Size[] = [
  { width: 1040, height: 220, right: 110, kind: 'on-wide', hasPoints: true },
  { width: 340, height: 200, right: 74, kind: 'on-narrow', hasPoints: false },
];

/** A line chart as SVG, drawn for wide and for narrow, and the same as a table. */
export function lineChart(data: ChartData): Html {
  return html`<figure>
    <figcaption>${data.title}</figcaption>
    ${sizes.map((size) => draw(data, size))}
    <details>
      <summary>As a table</summary>
      ${asTable(data)}
    </details>
  </figure>`;
}

/** One drawing. Nothing in it needs a script, a font or a style of its own. */
export function draw(data: ChartData, size: Size): Html {
  const { width, height, right, kind } = size;
  const { days, series, format, marks = [] } = data;
  const all = series.flatMap(({ values }) => values.filter((value) => value !== null));
  const y = scaleLinear()
    .domain([0, data.most ?? Math.max(1, ...all)])
    .range([height - 24, 22])
    .nice(5);
  const x = scalePoint<number>()
    .domain(days.map((_, index) => index))
    .range([8, width - right]);
  const at = (index: number): number => round(x(index) ?? 0);
  const place: Place = { at, y: (value) => round(y(value)), end: width - right };
  const ends = labelPlaces(series, place);
  return html`<svg
    class="${kind}"
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
    role="img"
    aria-label="${data.title}"
  >
    ${y.ticks(5).map((tick) => html`<path class="grid" d="M8 ${round(y(tick))}H${width - right}" /><text class="axis" x="8" y="${round(y(tick)) - 4}">${format(tick)}</text>`)}
    ${monthTicks(days, width).map((index) => html`<text class="axis" x="${at(index)}" y="${height - 6}">${formatMonthName(days[index] ?? '')}</text>`)}
    ${marks.map(({ at: index, name }) => html`<path class="mark" d="M${at(index)} 12V${height - 24}" /><text class="axis" x="${at(index) + 3}" y="14">${name}</text>`)}
    ${series.map((each, number) => html`<g class="s${number}">${drawSeries(each, { data, size, place, endY: ends.get(each.name) })}</g> `)}
  </svg>`;
}

/** From periods and values to places. */
interface Place {
  readonly at: (index: number) => number;
  readonly y: (value: number) => number;
  /** Where the last period is. */
  readonly end: number;
}

interface SeriesTerms {
  readonly data: ChartData;
  readonly size: Size;
  readonly place: Place;
  /** Where its name stands at its right end; undefined for a line that ends before. */
  readonly endY: number | undefined;
}

type Point = readonly [index: number, value: number];

function drawSeries(
  series: Series,
  { data: { labels, series: all, format }, size, place: { at, y, end }, endY }: SeriesTerms,
): Html {
  const points = pointsOf(series);
  const path = line<Point>()
    .x(([index]) => at(index))
    .y(([, value]) => y(value))
    .digits(1);
  const most = Math.max(...points.map(([, value]) => value));
  const peak = points.findLast(([, value]) => value === most);
  const last = points.at(-1);
  if (peak === undefined || last === undefined) return nothing;
  const circle = ([index, value]: Point, radius: number, title: Html): Html =>
    html`<circle cx="${at(index)}" cy="${y(value)}" r="${radius}">${title}</circle>`;
  const titleOf = ([index, value]: Point): Html =>
    html`<title>${labels[index] ?? ''}: ${series.name} ${format(value)}</title>`;
  return html`<path class="line" d="${path(points) ?? ''}" />${
      points.length === 1 ? html`<g class="dot">${circle(last, 3, nothing)}</g>` : nothing
    }${size.hasPoints ? points.map((point) => circle(point, 7, titleOf(point))) : nothing}${
      endY === undefined
        ? html`<text class="end" x="${at(peak[0])}" y="${y(peak[1]) - 5}">${series.name}</text>`
        : html`<text class="end" x="${end + 8}" y="${endY}"
            >${all.length === 1 ? '' : `${series.name} `}<tspan>${format(last[1])}</tspan></text
          >`
    }`;
}

function pointsOf({ values }: Series): readonly Point[] {
  return values.flatMap((value, index): Point[] => (value === null ? [] : [[index, value]]));
}

/** Where the name of each line that reaches the right end stands, so that no two overlap. */
function labelPlaces(series: readonly Series[], { y }: Place): ReadonlyMap<string, number> {
  const lasts = series
    .flatMap(({ name, values }) => {
      const last = values.at(-1) ?? null;
      return last === null ? [] : [{ name, y: y(last) + 4 }];
    })
    .toSorted((one, other) => other.y - one.y);
  let above = Infinity;
  return new Map(
    lasts.map(({ name, y: own }) => {
      above = Math.min(own, above - 14);
      return [name, above];
    }),
  );
}

/** The first period of each month, as many as there is room for. */
function monthTicks(days: readonly string[], width: number): readonly number[] {
  const firsts = days.flatMap((day, index) =>
    index === 0 || day.slice(0, 7) !== days[index - 1]?.slice(0, 7) ? [index] : [],
  );
  // The first may be the last week of its month, with no room for its name.
  const [first, second] = firsts;
  if (first !== undefined && second !== undefined && (second - first) / days.length < 60 / width) {
    firsts.shift();
  }
  const every = Math.ceil(firsts.length / (width / 60));
  return firsts.filter((_, index) => index % every === 0);
}

function asTable({ title, labels, series, format }: ChartData): Html {
  return html`<div class="wide" tabindex="0" role="region" aria-label="${title}">
    <table class="plain">
      <thead>
        <tr>
          <th scope="col">Period</th>
          ${series.map(({ name }) => html`<th scope="col" class="n">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${labels.map(
          (label, index) =>
            html`<tr>
              <th scope="row">${label}</th>
              ${series.map(({ values }) => {
                const value = values[index] ?? null;
                return html`<td class="n">${value === null ? '·' : format(value)}</td>`;
              })}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}

function round(length: number): number {
  return Math.round(length * 10) / 10;
}
