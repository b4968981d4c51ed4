import type { Published } from './publish.ts';

/** `/v1/stats/PERIOD.csv`: a line for each published cell. */
export function writeCsv({ period, machines, metrics }: Published): string {
  const lines = [
    'period,metric,value,machines,uses,error_rate',
    `${period},machines,all,${machines ?? ''},,`,
    ...Object.entries(metrics).flatMap(([metric, { cells }]) =>
      cells.map(({ value, machines: own, uses, error_rate }) =>
        [period, metric, quote(value), own, uses ?? '', error_rate ?? ''].join(','),
      ),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

/** A value of the closed lists begins with a letter, a digit or `<`, never with what a sheet runs. */
function quote(value: string): string {
  return /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
