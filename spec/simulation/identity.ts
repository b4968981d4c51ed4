import { clientNames, toolNames } from '../../contract/report/lists.ts';
import type { UsageProps } from '../../contract/report/allowlist.ts';

/**
 * In a simulation every count has words of its own, so that its fate can be told: a client version for
 * each process, and a tool for each of its counts.
 */

/** What a process counts. @throws RangeError when there is no tool left. */
export function useOf(identity: string): {
  readonly name: string;
  readonly client: { readonly name: string; readonly version: string };
} {
  const [process = 0, index = 0] = identity.split('.').map(Number);
  const name = toolNames[index];
  const clientName = clientNames[process % clientNames.length];
  if (name === undefined || clientName === undefined) throw new RangeError(identity);
  return { name, client: { name: clientName, version: `${process}.0` } };
}

/** `<process>.<index of the count>`. */
export function identityOf({
  name,
  client_version = '',
}: Pick<UsageProps, 'name' | 'client_version'>): string {
  return `${Number.parseInt(client_version)}.${toolNames.findIndex((tool) => tool === name)}`;
}
