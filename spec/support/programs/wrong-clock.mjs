// A preload: the clock of this process and its threads is ahead: `wrong-clock.mjs?ms=86400000`. Files
// keep the times of the machine.
import { intoThreads } from './into-threads.mjs';

process.env['CLOCK_SHIFT_MS'] = new URL(import.meta.url).searchParams.get('ms') ?? '0';
await import('./shift-clock.mjs');
intoThreads(import.meta.url);
