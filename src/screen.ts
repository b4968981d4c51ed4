/** The terminal, as far as a text has to know it. */
export interface Screen {
  readonly columns: number;
  readonly hasColor: boolean;
  /** Of the times; without one, the zone of this machine. */
  readonly timeZone?: string;
}

/** Of this process's stdout; a pipe gets 80 columns and no colour. */
export function readScreen(): Screen {
  const { isTTY, columns } = process.stdout;
  return isTTY
    ? { columns, hasColor: process.stdout.hasColors() }
    : { columns: 80, hasColor: false };
}

/**
 * Breaks lines between words. Lines after the first begin with `indent` blanks. A path or an address that is
 * longer than the terminal is broken between its parts, any other word not at all.
 */
export function wrap(text: string, columns: number, indent = 0): string {
  const lines: string[] = [];
  for (const whole of text.split(' ')) {
    const [word = '', ...rest] = partsOf(whole, columns - indent);
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(last === undefined ? word : ' '.repeat(indent) + word);
    }
    lines.push(...rest.map((part) => ' '.repeat(indent) + part));
  }
  return lines.map((line) => line.trimEnd()).join('\n');
}

/** Lines for a person, on a terminal with no word cut. A pipe or a file gets them as they are. */
export function fit(text: string, { isTTY, columns }: NodeJS.WriteStream): string {
  if (!isTTY || columns === 0) return text;
  return text
    .split('\n')
    .map((line) => wrap(line, columns, line.length - line.trimStart().length))
    .join('\n');
}

/** A word that fits; or a long path as parts that fill a line each, except the last. */
function partsOf(word: string, columns: number): readonly string[] {
  if (word.length <= columns) return [word];
  const parts: string[] = [];
  for (const part of word.match(/[^/\\]*[/\\]+|[^/\\]+$/g) ?? [word]) {
    const last = parts.at(-1);
    if (last !== undefined && last.length + part.length <= columns) {
      parts[parts.length - 1] = last + part;
    } else parts.push(part);
  }
  return parts;
}

// An ID has 36 characters: with less room for the values, each stands below its name.
const minValueColumns = 36;

/** Names and values in two columns, or on a narrow terminal below each other. */
export function formatRows(
  rows: readonly (readonly [name: string, value: string])[],
  { columns }: Screen,
): string {
  const nameColumns = Math.max(...rows.map(([name]) => name.length)) + 2;
  const isNarrow = columns - nameColumns < minValueColumns;
  return rows
    .map(([name, value]) =>
      isNarrow
        ? `${name}\n${indented(value, columns)}`
        : wrap(`${name.padEnd(nameColumns)}${value}`, columns, nameColumns),
    )
    .join('\n');
}

/** Wrapped, with two blanks before each line. */
function indented(text: string, columns: number): string {
  return `  ${wrap(text, columns - 2).replaceAll('\n', '\n  ')}`;
}

/** A JSON text with line breaks between its values, none of them inside a word. */
export function formatJson(text: string, { columns }: Screen): string {
  return JSON.stringify(JSON.parse(text), undefined, 2)
    .split('\n')
    .map((line) => {
      const indent = line.length - line.trimStart().length;
      return ' '.repeat(indent) + wrap(line.trimStart(), columns - indent, indent + 4);
    })
    .join('\n');
}
