// A process warning (a leaked listener, a deprecated call, a forgotten handle) fails the run.
import { throwWarning } from './throw-warning.ts';

// This file runs for each file of tests, of which a process has many.
process.off('warning', throwWarning).on('warning', throwWarning);
