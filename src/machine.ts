import { architectures, fold, operatingSystems } from '../contract/report/lists.ts';
import type { MachineFacts } from '../contract/sandbox.ts';
import { foldPackageVersion } from '../contract/report/version-token.ts';

/** What a report says of the machine, in words of the closed lists. */
export function describeMachine(version: string, env: NodeJS.ProcessEnv): MachineFacts {
  return {
    codegraph_version: foldPackageVersion(version),
    os: fold(operatingSystems, process.platform),
    arch: fold(architectures, process.arch),
    node_major: Number.parseInt(process.versions.node, 10),
    ci: isSet(env['CI']),
  };
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false'].includes(value.toLowerCase());
}
