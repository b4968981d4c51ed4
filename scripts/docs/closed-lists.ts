import {
  architectures,
  cliNames,
  clientNames,
  durationBuckets,
  fileCountBuckets,
  installKinds,
  installScopes,
  languages,
  operatingSystems,
  targets,
  toolNames,
} from '../../contract/report/lists.ts';
import { code } from './markdown.ts';

// The heading of each list on the page. Beside a field it is named by that.
const headings: ReadonlyMap<readonly string[], string> = new Map<readonly string[], string>([
  [cliNames, 'Commands'],
  [toolNames, 'Tools'],
  [clientNames, 'MCP clients'],
  [languages, 'Languages'],
  [targets, 'Agents'],
  [operatingSystems, 'Operating systems'],
  [architectures, 'Processor architectures'],
  [fileCountBuckets, 'Size classes'],
  [durationBuckets, 'Duration classes'],
  [installScopes, 'Scopes'],
  [installKinds, 'Kinds of install'],
]);

/**
 * The heading under which a list of the contract stands on the page.
 *
 * @throws Error when the page has no such list.
 */
export function headingOf(list: readonly string[]): string {
  const heading = headings.get(list);
  if (heading === undefined) throw new Error(`A closed list has no heading: ${list.join(', ')}`);
  return heading;
}

/** Every closed list, in full. */
export function describeLists(): string {
  return [...headings]
    .map(([list, heading]) => `#### ${heading}\n\n${list.map(code).join(', ')}`)
    .join('\n\n');
}
