import { clientNames, commands, languages, targets, tools } from '../../contract/report/lists.ts';
import { randomOf } from '../test/random.ts';

/** A row of the table `cells`, without its period. */
export type DemoCell = readonly [
  metric: string,
  value: string,
  machines: number,
  uses: number,
  errors: number,
  failing: number,
];

interface Sums {
  readonly machines: Set<number>;
  readonly failing: Set<number>;
  uses: number;
  errors: number;
}

/** What generated machines do in one period. `age` is 0 for the newest period, in weeks. */
interface DemoPeriod {
  readonly machines: number;
  readonly age: number;
  readonly seed: number;
}

// Released so many weeks before the newest period; the newest breaks one tool.
const releases = [
  { version: '1.8.0', age: 3 },
  { version: '1.7.1', age: 9 },
  { version: '1.7.0', age: 15 },
  { version: '1.6.1', age: 21 },
  { version: '1.6.0', age: 60 },
] as const;

const broken = { tool: 'codegraph_impact', version: '1.8.0', errorRate: 0.06 };

/** The cells of machines made up by chance, counted by sets as the ingest counts them by marks. */
export function makeDemoCells({ machines, age, seed }: DemoPeriod): readonly DemoCell[] {
  const next = randomOf(seed);
  const cells = new Map<string, Sums>();
  const see = (metric: string, value: string, machine: number, uses = 0, errors = 0): void => {
    const key = `${metric}\n${value}`;
    const cell = cells.get(key) ?? { machines: new Set(), failing: new Set(), uses: 0, errors: 0 };
    cells.set(key, cell);
    cell.machines.add(machine);
    if (errors > 0) cell.failing.add(machine);
    cell.uses += uses;
    cell.errors += errors;
  };
  // The first of a list most often, each further one half as often or so.
  const pick = <Item>(list: readonly Item[], steepness: number): Item =>
    list[Math.floor(next() ** steepness * list.length)] as Item;
  const some = <Item>(list: readonly Item[], chance: (index: number) => number): readonly Item[] =>
    list.filter((_, index) => next() < chance(index));
  for (let machine = 0; machine < machines; machine++) {
    const version = versionAt(age, next());
    see('machines', 'all', machine, 1);
    see('os', next() < 0.45 ? 'darwin' : pick(['linux', 'linux', 'linux', 'win32'], 1), machine);
    see('arch', next() < 0.003 ? 'riscv64' : pick(['x64', 'arm64'], 1.1), machine);
    see('node', pick(['24', '22', '20', '26', '18'], 2.6), machine);
    see('version', version, machine);
    const use = (kind: 'tool' | 'command', name: string, most: number): [number, number] => {
      const uses = 1 + Math.floor(next() ** 3 * most);
      const isBroken = name === broken.tool && version === broken.version;
      const errors = countErrors(uses, isBroken ? broken.errorRate : 0.009, next);
      see(kind, name, machine, uses, errors);
      see(`${kind}_version`, `${name} ${version}`, machine, uses, errors);
      return [uses, errors];
    };
    for (const name of some(commands, (index) => 0.7 / (1 + index / 2))) use('command', name, 40);
    const agent = pick(clientNames, 2.5);
    for (const name of some(tools, (index) => 0.75 - index * 0.08)) {
      const [uses, errors] = use('tool', name, 200);
      see('agent', agent, machine, uses, errors);
      see('tool_agent', `${name} ${agent}`, machine, uses, errors);
    }
    if (next() < 0.45) {
      for (const language of some(languages, (index) => 0.6 / (1 + index / 3))) {
        see('language', language, machine);
      }
      const size = Math.floor(next() ** 1.5 * 4);
      const speed = Math.min(3, Math.max(0, Math.round(size - 1 + next() * 1.5)));
      const sizes = ['<100', '100-1k', '1k-10k', '10k+'];
      const speeds = ['<10s', '10-60s', '1-5m', '5m+'];
      see('size_duration', `${sizes[size]} ${speeds[speed]}`, machine, 1);
    }
    if (next() < 0.12) {
      see('target', pick(targets, 2), machine);
      see('install_kind', pick(['upgrade', 'fresh', 'reinstall'], 1.6), machine, 1);
    }
  }
  const ci = Math.round(machines / 9);
  return [
    ['ci', 'all', ci, 0, 0, 0],
    ...[...cells].map(([key, sums]): DemoCell => {
      const [metric = '', value = ''] = key.split('\n');
      return [metric, value, sums.machines.size, sums.uses, sums.errors, sums.failing.size];
    }),
  ];
}

/** Half of the machines change to a release within three weeks of it. */
function versionAt(age: number, chance: number): string {
  const taken = releases.find((release) => {
    const weeks = release.age - age;
    return weeks >= 0 && chance < 1 - 0.5 ** ((weeks + 0.6) / 2.5);
  });
  return (taken ?? releases[releases.length - 1] ?? { version: 'other' }).version;
}

function countErrors(uses: number, rate: number, next: () => number): number {
  let errors = 0;
  for (let use = 0; use < uses; use++) if (next() < rate) errors += 1;
  return errors;
}
