/** The terminal, as far as a text has to know it. */
export interface Screen {
  readonly columns: number;
  readonly hasColor: boolean;
}

/** Of this process's stdout; a pipe gets 80 columns and no colour. */
export function readScreen(): Screen {
  const { isTTY, columns } = process.stdout;
  return isTTY
    ? { columns, hasColor: process.stdout.hasColors() }
    : { columns: 80, hasColor: false };
}

/**
 * Breaks lines between words. Lines after the first begin with `indent` blanks. A word that is longer than
 * the terminal stays whole, so that a path or an ID can be copied.
 */
export function wrap(text: string, columns: number, indent = 0): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(last === undefined ? word : ' '.repeat(indent) + word);
    }
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
