/**
 * What CHANGELOG.md says of a version: the text below its dated heading.
 *
 * @throws Error when it says nothing of it, or has no date.
 */
export function findNotes(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => text.startsWith(`[${version}]`));
  if (section === undefined)
    throw new Error(`release: CHANGELOG.md has no heading for ${version}.`);
  const [heading = '', ...lines] = section.split('\n');
  if (!/^\[[^\]]+\] - \d{4}-\d{2}-\d{2}$/.test(heading)) {
    throw new Error(`release: the heading "${heading}" has no date.`);
  }
  const text = lines.join('\n').trim();
  if (text === '') throw new Error(`release: CHANGELOG.md says nothing of ${version}.`);
  return `${text}\n`;
}
