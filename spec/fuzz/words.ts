import {
  clientNames,
  commands,
  eventNames,
  languages,
  targets,
  tools,
} from '../../contract/report/lists.ts';
import { commandAliases } from '../../contract/fold.ts';

/** The names that frames are made of. */
export interface Words {
  readonly commands: readonly string[];
  readonly tools: readonly string[];
  readonly clients: readonly string[];
  readonly targets: readonly string[];
  readonly languages: readonly string[];
}

// Others are folded into these, or they are events as well: they tell nothing apart.
const shared = new Set<string>([
  'other',
  'unknown',
  ...Object.values(commandAliases),
  ...eventNames,
]);

/** Every other name, from the first or the second on. */
function half(first: 0 | 1): Words {
  const ofList = (list: readonly string[]): readonly string[] =>
    list.filter((name, index) => !shared.has(name) && index % 2 === first);
  return {
    commands: ofList(commands),
    tools: ofList(tools),
    clients: ofList(clientNames),
    targets: ofList(targets),
    languages: ofList(languages),
  };
}

/** What stands in frames that nothing happens to: found in a ledger, it was counted from these. */
export const intactWords = half(0);

/** What all damage is made of. */
export const damagedWords = half(1);
