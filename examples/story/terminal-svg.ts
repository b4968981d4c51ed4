import type { IBufferCell, IBufferLine, Terminal } from '@xterm/headless';

/** What stood in some rows of a terminal at one moment. */
export interface Frame {
  readonly columns: number;
  readonly rows: readonly (readonly Run[])[];
}

/** Neighbouring cells of one style. */
interface Run {
  readonly column: number;
  text: string;
  readonly style: string;
}

const cellWidth = 8.4;
const lineHeight = 18;
const margin = 14;
const gap = 10;
const fontSize = 14;

// The sixteen colours of a dark terminal, then what is neither.
const palette = [
  '#484f58',
  '#ff7b72',
  '#3fb950',
  '#d29922',
  '#58a6ff',
  '#bc8cff',
  '#39c5cf',
  '#b1bac4',
  '#6e7681',
  '#ffa198',
  '#56d364',
  '#e3b341',
  '#79c0ff',
  '#d2a8ff',
  '#56d4dd',
  '#ffffff',
];
const foreground = '#e6edf3';
const background = '#0d1117';

/** Keeps the rows from one that begins with `start` on, else all. */
export function takeFrame({ buffer, cols }: Terminal, start?: RegExp): Frame {
  const lines = Array.from({ length: buffer.active.length }, (_, row) =>
    buffer.active.getLine(row)!,
  );
  const texts = lines.map((line) => line.translateToString(true));
  const from = start === undefined ? 0 : texts.findIndex((text) => start.test(text));
  const to = texts.findLastIndex((text) => text !== '');
  return { columns: cols, rows: lines.slice(from, to + 1).map((line) => runsOf(line, cols)) };
}

function runsOf(line: IBufferLine, columns: number): readonly Run[] {
  const runs: Run[] = [];
  for (let column = 0; column < columns; column++) {
    const cell = line.getCell(column);
    if (cell === undefined || cell.getWidth() === 0) continue;
    const style = styleOf(cell);
    const last = runs.at(-1);
    if (last?.style === style) last.text += cell.getChars() || ' ';
    else runs.push({ column, text: cell.getChars() || ' ', style });
  }
  return runs;
}

/** Frames as one picture, below each other. The same cells give the same bytes. */
export function drawFrames(frames: readonly Frame[], title: string): string {
  const widthOf = ({ columns }: Frame): number => Math.ceil(columns * cellWidth + 2 * margin);
  const parts: string[] = [];
  let top = 0;
  for (const frame of frames) {
    const { rows } = frame;
    const height = rows.length * lineHeight + 2 * margin;
    parts.push(
      `<rect y="${top}" width="${widthOf(frame)}" height="${height}" rx="8" fill="${background}"/>`,
    );
    const first = top + margin + fontSize;
    parts.push(...rows.map((runs, index) => drawRow(runs, first + index * lineHeight)));
    top += height + gap;
  }
  const size = `${Math.max(...frames.map(widthOf))} ${top - gap}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size}" role="img" aria-label="${escape(title)}">
<g font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${fontSize}" fill="${foreground}" xml:space="preserve">
${parts.filter(Boolean).join('\n')}
</g>
</svg>
`;
}

function drawRow(runs: readonly Run[], y: number): string {
  return runs
    .flatMap(splitAtBlanks)
    .map((run) => drawRun(run, y))
    .join('');
}

/** Browsers make one blank of several, so a text ends where two blanks follow. */
function splitAtBlanks({ column, text, style }: Run): readonly Run[] {
  return Array.from(text.matchAll(/\S+(?: \S+)*/g), ({ 0: part, index }) => ({
    column: column + index,
    text: part,
    style,
  }));
}

/** Its length is given, so that any font fits the cells. */
function drawRun({ column, text, style }: Run, y: number): string {
  const x = round(margin + column * cellWidth);
  const length = round(text.length * cellWidth);
  return `<text x="${x}" y="${y}" textLength="${length}" lengthAdjust="spacingAndGlyphs"${style}>${escape(text)}</text>`;
}

function styleOf(cell: IBufferCell): string {
  const colour = cell.isFgPalette() ? palette[cell.getFgColor()] : undefined;
  return [
    colour === undefined ? '' : ` fill="${colour}"`,
    cell.isBold() === 0 ? '' : ' font-weight="bold"',
    cell.isDim() === 0 ? '' : ' opacity="0.6"',
  ].join('');
}

function round(length: number): number {
  return Math.round(length * 10) / 10;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
