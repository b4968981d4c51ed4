import { lstatSync, statSync } from 'node:fs';
import { posix, win32 } from 'node:path';
import { type ConsentOverrides, type ConsentPaths, isSet } from '../contract/consent.ts';
import { fold, foldPackageVersion } from '../contract/fold.ts';
import { architectures, operatingSystems } from '../contract/report/lists.ts';
import type { NetworkSettings } from '../contract/flush.ts';
import type { MachineFacts } from '../contract/sandbox.ts';

/** Every variable, path and fact of the machine that telemetry goes by. Nothing else reads them. */

/** Where reports go unless `CODEGRAPH_TELEMETRY_ENDPOINT` says otherwise. */
export const defaultEndpoint = 'https://telemetry.getcodegraph.com/v1/events';

/** Where reports go. */
export function findEndpoint(env: NodeJS.ProcessEnv): string {
  // Empty is unset, as `${X:-}` in a compose file leaves it.
  return env['CODEGRAPH_TELEMETRY_ENDPOINT']?.trim() || defaultEndpoint;
}

/** What a process was told of telemetry: by its environment, and by `--no-telemetry`. */
export function readOverrides(env: NodeJS.ProcessEnv, hasFlag: boolean): ConsentOverrides {
  return {
    doNotTrack: env['DO_NOT_TRACK'],
    codegraphTelemetry: env['CODEGRAPH_TELEMETRY'],
    hasFlag,
  };
}

const proxyVariables = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];

/** What Node was told of the network, by its flags and by variables of its own. */
export function readNetwork(env: NodeJS.ProcessEnv, execArgv: readonly string[]): NetworkSettings {
  const flags = [...execArgv, ...(env['NODE_OPTIONS'] ?? '').split(/\s+/)];
  const usesProxy = env['NODE_USE_ENV_PROXY'] === '1' || flags.includes('--use-env-proxy');
  const names = proxyVariables.flatMap((name) => [name, name.toLowerCase()]);
  const proxies = names.flatMap((name) => (env[name] ? [[name, env[name]] as const] : []));
  return {
    proxyEnv: usesProxy ? Object.fromEntries(proxies) : undefined,
    usesSystemCa: env['NODE_USE_SYSTEM_CA'] === '1' || flags.includes('--use-system-ca'),
  };
}

/** Whether the user wants to be told on stderr what a flush does. */
export function isDebugging(env: NodeJS.ProcessEnv): boolean {
  return env['CODEGRAPH_TELEMETRY_DEBUG'] === '1';
}

/** What a report says of the machine, in words of the closed lists. */
export function describeMachine(
  version: string,
  env: NodeJS.ProcessEnv,
  { platform, arch }: Pick<NodeJS.Process, 'platform' | 'arch'> = process,
): MachineFacts {
  return {
    codegraph_version: foldPackageVersion(version),
    os: fold(operatingSystems, platform),
    arch: fold(architectures, arch),
    node_major: Number.parseInt(process.versions.node, 10),
    ci: isSet(env['CI']),
  };
}

/**
 * Where this user's files and the machine's policy are; undefined for a user without a home of its
 * own, for whom there is no telemetry. Touches nothing.
 */
export function findPaths(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): ConsentPaths | undefined {
  try {
    // Of the platform: one kind of separator in every path that is printed.
    const path = platform === 'win32' ? win32 : posix;
    const homeDir = findHomeDir(env, platform);
    // With an empty HOME files would lie in the root folder, with a relative one all over the place.
    if (!path.isAbsolute(homeDir) || isOfAnother(homeDir)) return undefined;
    return { dataDir: path.join(homeDir, '.codegraph'), policyFile: findPolicyFile(env, platform) };
  } catch {
    // A user id that no user has, in a container: `homedir` throws.
    return undefined;
  }
}

/**
 * Whether this is root in the home of somebody else, as by `sudo` or in a container. What root
 * leaves there its owner cannot read, and would lose all counts from then on. Any other user is
 * kept out by the modes of the files.
 */
function isOfAnother(homeDir: string): boolean {
  if (process.geteuid?.() !== 0) return false;
  const dataDir = `${homeDir}/.codegraph`;
  const path = lstatSync(dataDir, { throwIfNoEntry: false }) ? dataDir : homeDir;
  // A link is looked at as well as what it leads to: its owner may have let it lead to root's folder.
  return [lstatSync, statSync].some(
    (look) => (look(path, { throwIfNoEntry: false })?.uid ?? 0) !== 0,
  );
}

/** As `homedir` finds it, which is asked only where it looks elsewhere: loading it costs 0.3 ms. */
function findHomeDir(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  const named = platform === 'win32' ? env['USERPROFILE'] : env['HOME'];
  return named || process.getBuiltinModule('node:os').homedir();
}

function findPolicyFile(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  return platform === 'win32'
    ? `${env['ProgramData'] ?? 'C:\\ProgramData'}\\codegraph\\telemetry.json`
    : '/etc/codegraph/telemetry.json';
}
