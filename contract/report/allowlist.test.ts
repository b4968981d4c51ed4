import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it, test } from 'vitest';
import {
  type Json,
  pathsOf,
  valueAt,
  withKey,
  without,
  withValue,
} from '../../spec/support/json.ts';
import { readVectors } from '../../spec/support/vectors.ts';
import { report } from './allowlist.ts';
import { languages, targets } from './lists.ts';

const vectors = readVectors('reports');
const lifecycle = vectors.find(({ file }) => file === 'lifecycle.json')?.vector as Json;
const usage = vectors.find(({ file }) => file === 'usage.json')?.vector as Json;

function isAccepted(body: unknown): boolean {
  return v.is(report, body);
}

const uuid = 'e0f087a2-15fa-4a29-b614-2d43b12089a9';
const noUuids = [
  'e0f087a215fa4a29b6142d43b12089a9',
  uuid.toUpperCase(),
  `${uuid}0`,
  ` ${uuid}`,
  `${uuid}\n`,
  'e0f087a2-15fa-1a29-b614-2d43b12089a9',
  'e0f087a2-15fa-4a29-7614-2d43b12089a9',
  'alice-laptop-0000-0000-000000000000',
  '',
];
const noCounts = [-1, 0.5, 1_000_001, '1'];
const [index, install, uninstall] = [0, 1, 2].map((at) => `events.${at}.props`);
const [command, tool] = [0, 1].map((at) => `events.${at}.props`);
const event = 'events.0';
const times = (length: number, item: Json): Json[] => Array<Json>(length).fill(item);

const lifecycleRows: readonly (readonly [path: string, ...refused: readonly Json[]])[] = [
  ['machine_id', ...noUuids],
  ['batch_id', ...noUuids],
  ['codegraph_version', '1.6', '1.06.1', 'v1.6.1', '1.6.1-alice', '1.6.1+alice', 'unknown', ''],
  ['os', 'templeos', 'Linux', 'linux 6.1', ''],
  ['arch', 'x86', 'X64', ''],
  ['node_major', -1, 100, 22.5, '22'],
  ['ci', 0, 'true'],
  ['schema_version', 2, 4, '3'],
  ['events', [], {}],
  [`${event}.event`, 'usage', 'Index', 'install', '__proto__', ''],
  [`${event}.event_id`, ...noUuids],
  [`${event}.ts`, '2026-11-22T12:00:00Z', '2026-11-22T12:00:00.001Z', '2026-11-22', '', 0],
  [`${event}.props`, [], {}],
  [`${install}.targets`, 'claude', ['alice'], times(13, 'claude'), [null]],
  [`${install}.scope`, 'project', ''],
  [`${install}.kind`, 'new', ''],
  [`${index}.languages`, [], ['klingon'], times(33, 'go'), 'go', ['go', 7]],
  [`${index}.file_count_bucket`, '317', '<1000', 317],
  [`${index}.duration_bucket`, '7s', 7],
  [`${uninstall}.targets`, 'cursor', ['Cursor'], times(13, 'cursor')],
];

const usageRows: typeof lifecycleRows = [
  [`${command}.kind`, 'mcp_tool', 'command', '__proto__', ''],
  [`${command}.name`, 'codegraph_search', 'query --json', '/home/alice', '__proto__', ''],
  [`${command}.count`, 0, ...noCounts],
  [`${command}.error_count`, ...noCounts],
  [`${tool}.kind`, 'cli_command'],
  [`${tool}.name`, 'query', 'alices_tool', 'constructor'],
  [`${tool}.count`, 0, ...noCounts],
  [`${tool}.error_count`, ...noCounts],
  [`${tool}.client_name`, 'Claude Code', 'alices-agent', '__proto__', ''],
  [`${tool}.client_version`, '2', '2.1.3', 'v2.1', '12345.1', '2.01', '2.1 alice', ''],
];

// No field takes any of these, whatever else it takes.
const wrongTypes: readonly Json[] = [null, '0'.repeat(300), [[]], { a: 1 }, -0.5];

describe.each([
  ['lifecycle', lifecycle, lifecycleRows],
  ['usage', usage, usageRows],
])('a report of %s', (_, good, rows) => {
  test.each(rows.map(([path, ...refused]) => ({ path, refused })))(
    'is refused with anything else as $path',
    ({ path, refused }) => {
      expect(valueAt(good, path)).toBeDefined();
      const accepted = [...refused, ...wrongTypes].filter((value) =>
        isAccepted(withValue(good, path, value)),
      );
      expect(accepted).toEqual([]);
    },
  );

  test.each(pathsOf(good).filter((path) => typeof valueAt(good, path) === 'object'))(
    'is refused with a key more in "%s"',
    (path) => {
      if (Array.isArray(valueAt(good, path))) return;
      for (const key of ['cwd', 'user', 'hostname', 'Event', ' ', '']) {
        expect(isAccepted(withKey(good, path, key, 'alice'))).toBe(false);
      }
    },
  );

  test.each(pathsOf(good).filter((path) => !/client_|\d$|^$/.test(path)))(
    'is refused without %s',
    (path) => {
      expect(isAccepted(without(good, path))).toBe(false);
    },
  );

  it('lets no key of an object prototype through', () => {
    const objects = pathsOf(good).filter((path) => !Array.isArray(valueAt(good, path)));
    for (const path of objects.filter((each) => typeof valueAt(good, each) === 'object')) {
      for (const key of ['__proto__', 'constructor', 'toString']) {
        const result = v.safeParse(report, withKey(good, path, key, { secret: 'alice' }));
        expect(JSON.stringify(result.success ? result.output : '')).not.toContain('alice');
      }
    }
  });

  it('changed anywhere to anything, is refused or comes out as it went in', () => {
    const anything = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(...words, ...numbers));
    fc.assert(
      fc.property(fc.constantFrom(...pathsOf(good)), anything, (path, value) => {
        const changed = withValue(good, path, value as Json);
        const result = v.safeParse(report, changed);
        expect(result.success ? result.output : changed).toEqual(changed);
      }),
      { numRuns: 1_000 },
    );
  });
});

const words: readonly Json[] = [...languages.slice(0, 3), ...targets.slice(0, 3), 'other', '1.0'];
const numbers: readonly Json[] = [0, 1, 2, 3, 99, 100, 1_000_000, 1_000_001];

test.each(vectors)('accepts the golden vector $file as it is', ({ vector }) => {
  expect(v.parse(report, vector)).toEqual(vector);
});

it('takes a hundred events and no more', () => {
  const only = valueAt(usage, 'events.0') ?? null;
  expect(isAccepted(withValue(usage, 'events', times(100, only)))).toBe(true);
  expect(isAccepted(withValue(usage, 'events', times(101, only)))).toBe(false);
});

it('can do without a client, and without the version of one', () => {
  expect(isAccepted(without(usage, `${tool}.client_version`))).toBe(true);
  expect(isAccepted(without(without(usage, `${tool}.client_version`), `${tool}.client_name`))).toBe(
    true,
  );
});

it('is refused with more errors than uses, and accepted with as many', () => {
  const withErrors = (errors: number): Json =>
    withValue(withValue(usage, `${tool}.count`, 3), `${tool}.error_count`, errors);
  expect([3, 4].map((errors) => isAccepted(withErrors(errors)))).toEqual([true, false]);
});
