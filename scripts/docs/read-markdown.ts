/** The words in code quotes in the first column of the table that follows `line`. */
export function firstColumn(page: string, line: string): readonly string[] {
  const from = page.indexOf(`\n${line}\n`);
  if (from === -1) throw new Error(`The page has no line: ${line}`);
  const [, table = ''] = /\n((?:\|.*\n)+)/.exec(page.slice(from)) ?? [];
  const rows = table.split('\n').slice(2).filter(Boolean);
  return rows.map((row) => /^\| `([^`]+)`/.exec(row)?.[1] ?? row);
}

/** Where the links of a page lead, but for those to other hosts. */
export function findLinks(page: string): readonly string[] {
  const targets = Array.from(page.matchAll(/\]\(([^)\s]+)\)/g), ([, target = '']) => target);
  return targets.filter((target) => !/^https?:/.test(target));
}

/** The anchors of a page's headings, as GitHub makes them. */
export function findAnchors(page: string): readonly string[] {
  return Array.from(page.matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
