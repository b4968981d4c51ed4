type Row = readonly string[];

/** A table; the formatter aligns it. */
export function table(head: Row, rows: readonly Row[]): string {
  const lines = [head, head.map(() => '---'), ...rows.map((row) => row.map(escapeCell))];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function escapeCell(text: string): string {
  return text.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ');
}

/** A value as it stands in JSON, except for the quotes of a string. */
export function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

/** A block of literal text. */
export function fence(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
}

/** The rows of the table that follows `line`, without its head. */
export function rowsAfter(page: string, line: string): readonly Row[] {
  const [, rest] = page.split(`\n${line}\n`);
  const [, rows] = /\n\|.*\n\|[ |:-]+\n((?:\|.*\n)+)/.exec(rest ?? '') ?? [];
  if (rows === undefined) throw new Error(`The page has no table after: ${line}`);
  return rows.split('\n').flatMap((row) => (row === '' ? [] : [row.split(' | ').map(trimCell)]));
}

function trimCell(cell: string): string {
  return cell.replaceAll(/^\| | \|$/g, '').trim();
}

/** The text of each generated part, by the name in its marker. */
export type Parts = Readonly<Record<string, string>>;

const part = /^<!-- generated: ([\w-]+) -->\n(.*?)^<!-- \/generated -->$/gms;

/**
 * `page` with the parts between `<!-- generated: name -->` and `<!-- /generated -->` replaced. A part
 * that is not in `parts` belongs to another generator, and stays.
 *
 * @throws Error when the markers are not in pairs, or a part has no marker.
 */
export function replaceParts(page: string, parts: Parts): string {
  const names = Array.from(page.matchAll(part), ([, name]) => name!);
  const markers = page.match(/^<!-- \/?generated/gm) ?? [];
  if (markers.length !== 2 * names.length) throw new Error('Markers are not in pairs');
  const homeless = Object.keys(parts).filter((name) => !names.includes(name));
  if (homeless.length > 0) throw new Error(`The page has no marker for ${homeless.join(', ')}`);
  return page.replaceAll(part, (whole, name: string) =>
    Object.hasOwn(parts, name)
      ? `<!-- generated: ${name} -->\n\n${parts[name]?.trim()}\n\n<!-- /generated -->`
      : whole,
  );
}

/** The page without its generated parts: what a person wrote. */
export function handWritten(page: string): string {
  return page.replaceAll(part, '');
}

/** One generated part of the page; undefined when there is none of that name. */
export function readPart(page: string, wanted: string): string | undefined {
  return Array.from(page.matchAll(part)).find(([, name]) => name === wanted)?.[2];
}

/** Where the links of a page lead, except those to other hosts. */
export function findLinks(page: string): readonly string[] {
  const targets = Array.from(page.matchAll(/\]\(([^)\s]+)\)/g), ([, target = '']) => target);
  return targets.filter((target) => !/^https?:/.test(target));
}

/** The anchor of a heading, as GitHub makes it. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}
