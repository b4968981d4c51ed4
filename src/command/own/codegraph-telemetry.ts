/** The command `codegraph-telemetry`: reachable whichever package `codegraph` belongs to. */
import { runOwnCommand } from './own-command.ts';

await runOwnCommand(process.argv.slice(2), process.env);
