import { parseArgs } from 'node:util';
import { openD1 } from './d1.ts';
import { subjects, writeQuestion, type Question } from './questions.ts';

/**
 * `npm run ingest:stats -- <subject> [--by version|agent] [--weeks 4] [--remote] [--env staging]
 * [--json|--csv]`: exact counts, for the operator.
 */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    by: { type: 'string' },
    weeks: { type: 'string', default: '4' },
    remote: { type: 'boolean', default: false },
    env: { type: 'string' },
    json: { type: 'boolean', default: false },
    csv: { type: 'boolean', default: false },
  },
});

const subject = subjects.find((each) => each === positionals[0]);
const by = (['version', 'agent'] as const).find((each) => each === values.by);
const weeks = Number(values.weeks);
if (subject === undefined || (values.by !== undefined && by === undefined) || !(weeks >= 1)) {
  console.error(
    `Usage: npm run ingest:stats -- ${subjects.join('|')} [--by version|agent] [--weeks 4] [--remote] [--json|--csv]`,
  );
  process.exit(2);
}

const question: Question = { subject, weeks, ...(by === undefined ? {} : { by }) };
const rows = await openD1(values.remote, values.env)(writeQuestion(question, Date.now()));
if (values.json) console.log(JSON.stringify(rows, null, 2));
else if (values.csv) console.log(writeCsv(rows));
else console.table(rows);

function writeCsv(all: readonly Readonly<Record<string, unknown>>[]): string {
  const columns = Object.keys(all[0] ?? {});
  return [columns, ...all.map((row) => columns.map((column) => row[column]))]
    .map((cells) => cells.join(','))
    .join('\n');
}
