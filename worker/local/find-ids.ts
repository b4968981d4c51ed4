import { openKeyedIds } from '../src/forward/keyed-ids.ts';

/**
 * `UUID_KEY=… DISTINCT_KEY=… npm run ingest:ids -- <machine id> <YYYY-MM>…`: what stands for a machine at
 * PostHog in these months, for a request to delete or to see. Reaches no network.
 */
const [machineId = '', ...months] = process.argv.slice(2);
const isUuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(machineId);
if (!isUuid || months.length === 0 || !months.every((month) => /^\d{4}-\d{2}$/.test(month))) {
  console.error('Usage: UUID_KEY=… DISTINCT_KEY=… npm run ingest:ids -- <machine id> <YYYY-MM>…');
  process.exit(2);
}

const { ofMachine } = await openKeyedIds({
  uuidKey: process.env['UUID_KEY'] ?? '',
  distinctKey: process.env['DISTINCT_KEY'] ?? '',
});
const { distinctId } = await ofMachine(machineId.toLowerCase());
for (const month of months) console.log(`${month} ${await distinctId(month)}`);
