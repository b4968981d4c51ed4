import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Environment = NodeJS.ProcessEnv;

// The choices of whoever runs this must not decide what is tested, and folders that they moved
// out of their home must not be touched.
const dropped = /^(?:CODEGRAPH_|DO_NOT_TRACK$|XDG_|CLOUDFLARE_|CF_|WRANGLER_|POSTHOG_)/;

/**
 * Runs `task` with the environment that every test, and every process a test starts, has to have:
 * telemetry off, a temporary home, and tools that report to nobody. The home is removed afterwards.
 */
export async function withSealedEnvironment<T>(
  task: (env: Environment, home: string) => Promise<T>,
): Promise<T> {
  const home = await mkdtemp(join(tmpdir(), 'codegraph-telemetry-home-'));
  try {
    return await task(sealedEnvironment(home), home);
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 3 });
  }
}

function sealedEnvironment(home: string): Environment {
  const kept = Object.entries(process.env).filter(([name]) => !dropped.test(name));
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    USERPROFILE: home,
    APPDATA: join(home, 'AppData', 'Roaming'),
    LOCALAPPDATA: join(home, 'AppData', 'Local'),
    CODEGRAPH_TELEMETRY: '0',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_SEND_ERROR_REPORTS: 'false',
    // Miniflare would ask Cloudflare where this machine is.
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  };
}
