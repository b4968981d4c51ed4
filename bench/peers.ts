import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { machinePath, machineProgram, modules } from '../scripts/set-up/paths.mjs';

/** What others count usage with, by the name in the table. */
export const peerNames = ['posthog', 'OpenTelemetry'] as const;
export type PeerName = (typeof peerNames)[number];

const packages = {
  'posthog-node': '5.70.0',
  '@opentelemetry/sdk-metrics': '2.12.1',
  '@opentelemetry/exporter-metrics-otlp-http': '0.223.0',
} as const;

const folder = join(modules, '.cache', 'bench-peers');

/**
 * The folder with the peers, installed by npm when the first bench asks; undefined where npm has no
 * registry: then ours and the published client are measured alone. Nothing but the bench needs these
 * 40 MB, so they are no dev dependencies.
 */
export function installPeers(): string | undefined {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ dependencies: packages }));
  const install = 'install --prefer-offline --ignore-scripts --no-audit --no-fund --loglevel=error';
  // The shell is for Windows, where npm is a script.
  const { status } = spawnSync(`"${machineProgram('npm')}" ${install}`, {
    cwd: folder,
    shell: true,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, PATH: machinePath() },
  });
  if (status === 0) return folder;
  console.error('The peers could not be installed: the table does without them.');
  return undefined;
}

/**
 * What is told of each peer, by its name; empty when they are not installed. Then nobody asks the
 * result for a peer by name: only this function names them.
 */
export function ofPeers<Told>(
  installed: string | undefined,
  tell: (peer: PeerName, folder: string) => Told,
): Record<PeerName, Told> {
  const told =
    installed === undefined ? [] : peerNames.map((peer) => [peer, tell(peer, installed)]);
  return Object.fromEntries(told) as Record<PeerName, Told>;
}
