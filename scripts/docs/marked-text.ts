/** The text of each generated part, by the name in its marker. */
export type Parts = Readonly<Record<string, string>>;

const opening = /^<!-- generated: ([\w-]+) -->$/;
const closing = '<!-- /generated -->';

/**
 * `page` with every part between `<!-- generated: name -->` and `<!-- /generated -->` replaced.
 * Parts whose names are `foreign` belong to another generator, and stay as they are.
 *
 * @throws Error when markers do not pair, a marked name has no part, or a part has no marker.
 */
export function replaceParts(page: string, parts: Parts, foreign: readonly string[] = []): string {
  const unused = new Set(Object.keys(parts));
  const written = splitParts(page).map(({ name, text }) => {
    if (name === undefined) return text;
    const part = parts[name];
    if (part === undefined && !foreign.includes(name)) throw new Error(`No part is called ${name}`);
    unused.delete(name);
    const content = part === undefined ? text : `\n${part.trim()}\n\n`;
    return `<!-- generated: ${name} -->\n${content}${closing}\n`;
  });
  if (unused.size > 0) throw new Error(`The page has no marker for ${[...unused].join(', ')}`);
  return written.join('');
}

/** The page without its generated parts: what a person wrote. */
export function handWritten(page: string): string {
  return splitParts(page)
    .filter(({ name }) => name === undefined)
    .map(({ text }) => text)
    .join('');
}

/** One generated part of the page; undefined when there is none of that name. */
export function readPart(page: string, name: string): string | undefined {
  return splitParts(page).find((piece) => piece.name === name)?.text;
}

interface Piece {
  /** Of the generated part; undefined for what stands between two of them. */
  readonly name: string | undefined;
  readonly text: string;
}

function splitParts(page: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let name: string | undefined;
  let lines: string[] = [];
  const finish = (): void => {
    pieces.push({ name, text: lines.map((line) => `${line}\n`).join('') });
    lines = [];
  };
  for (const line of page.trimEnd().split('\n')) {
    const opened = opening.exec(line)?.[1];
    if (opened === undefined && line !== closing) {
      lines.push(line);
      continue;
    }
    if ((opened === undefined) === (name === undefined)) throw new Error(`Not a pair: ${line}`);
    finish();
    name = opened;
  }
  if (name !== undefined) throw new Error(`Not closed: ${name}`);
  finish();
  return pieces;
}
