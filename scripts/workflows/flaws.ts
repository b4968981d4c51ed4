// What a workflow may run by itself: the rest is a script that was run on a desk.
const commands = [/^\.ci\/run$/, /^npm publish release\/package\.tgz /, /^gh release create /];

/**
 * What is wrong with a workflow by our own rules: an action that its owner can change after it was
 * looked at, or a step that is no script of ours.
 */
export function findFlaws(workflow: string, scripts: readonly string[]): readonly string[] {
  return [
    ...valuesOf(workflow, 'uses')
      .filter((action) => !/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action))
      .map((action) => `is not named by its commit and version: ${action}`),
    ...valuesOf(workflow, 'run')
      .filter((command) => !isOurs(command, scripts))
      .map((command) => `calls no script of this repository: ${command}`),
  ];
}

function valuesOf(workflow: string, key: string): readonly string[] {
  const lines = workflow.matchAll(new RegExp(`^\\s*(?:- )?${key}: *(.*)$`, 'gm'));
  return Array.from(lines, ([, value = '']) => value.trim());
}

function isOurs(command: string, scripts: readonly string[]): boolean {
  const [, script] = /^npm (?:run )?([\w:-]+)(?: -- [\w\s.$"-]+)?$/.exec(command) ?? [];
  if (script !== undefined && scripts.includes(script)) return true;
  return commands.some((known) => known.test(command));
}
