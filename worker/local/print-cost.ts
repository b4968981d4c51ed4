import { costTable } from './cost.ts';
import { readWranglerConfig } from './wrangler-config.ts';

/** `npm run ingest:cost`: two reports of five events a day from each machine, for 30 days. */
console.log(costTable(Number(readWranglerConfig().vars['DAILY_EVENT_BUDGET'])));
