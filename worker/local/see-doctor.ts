import { parseArgs } from 'node:util';
import { openD1, runWrangler } from './d1.ts';
import { examineIngest } from './doctor.ts';

/**
 * `npm run ingest:doctor -- --url https://telemetry.example.com [--remote] [--env staging]`: looks at a
 * deployed ingest. Exits 1 when something is wrong.
 */
const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    remote: { type: 'boolean', default: false },
    env: { type: 'string' },
  },
});
if (values.url === undefined) {
  console.error(
    'Usage: npm run ingest:doctor -- --url <public address> [--remote] [--env staging]',
  );
  process.exit(2);
}

const query = openD1(values.remote, values.env);
const url = values.url.replace(/\/$/, '');
const checks = [...(await examineIngest({ query, url, now: Date.now() }))];
if (values.remote) {
  const environment = values.env === undefined ? [] : ['--env', values.env];
  const listed = await runWrangler(['secret', 'list', ...environment]).catch(() => '');
  for (const secret of ['UUID_KEY', 'DISTINCT_KEY']) {
    const isOk = listed.includes(secret);
    checks.push({ what: secret, isOk, found: isOk ? 'set' : 'missing: wrangler secret put' });
  }
}
for (const { what, isOk, found } of checks) {
  console.log(`${isOk ? 'ok  ' : 'FAIL'} ${what.padEnd(32)} ${found}`);
}
process.exitCode = checks.every(({ isOk }) => isOk) ? 0 : 1;
