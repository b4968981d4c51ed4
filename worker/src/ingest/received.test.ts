import { describe, expect, it, test } from 'vitest';
import { machineId, reportOf } from '../../test/reports.ts';
import { readEvent, readReport } from './received.ts';

describe('a broken envelope', () => {
  test.each<[what: string, body: unknown]>([
    ['null', null],
    ['a list', [reportOf([])]],
    ['a number', 7],
    ['no machine id', reportOf([], { machine_id: undefined })],
    ['a machine id that is a name', reportOf([], { machine_id: 'alice' })],
    ['a machine id with more behind it', reportOf([], { machine_id: `${machineId}0` })],
    ['no events', reportOf([], { events: undefined })],
    ['events that are no list', reportOf([], { events: { length: 1 } })],
  ])('%s', (_, body) => {
    expect(readReport(JSON.stringify(body))).toEqual({ ok: false, reason: 'bad_envelope' });
  });

  test.each(['', '{', 'hello', "{'a':1}", '[1,]', '\u0000', '['.repeat(60_000)])(
    'what is not JSON: %s',
    (text) => {
      expect(readReport(text)).toEqual({ ok: false, reason: 'not_json' });
    },
  );
});

it('takes an envelope of which only the id and the events are right', () => {
  const body = {
    machine_id: machineId.toUpperCase(),
    codegraph_version: 'my-secret-fork',
    os: 'templeos',
    arch: 64,
    node_major: 'v24',
    ci: 'yes',
    schema_version: 2.5,
    batch_id: '../../etc',
    hostname: 'alice-laptop',
    events: [],
  };
  expect(readReport(JSON.stringify(body))).toEqual({
    ok: true,
    report: {
      machine_id: machineId,
      codegraph_version: 'other',
      os: 'other',
      arch: 'other',
      node_major: undefined,
      ci: undefined,
      schema_version: undefined,
      batch_id: undefined,
      events: [],
    },
  });
});

it('takes a body with the keys of an object prototype', () => {
  const text = `{"__proto__":{"os":"linux"},"constructor":1,"machine_id":"${machineId}","events":[]}`;
  expect(readReport(text)).toMatchObject({ ok: true, report: { os: 'other' } });
  expect(Object.hasOwn(Object.prototype, 'os')).toBe(false);
});

test.each(['constructor', '__proto__', 'toString', 'usage', '', 7, null, ['index']])(
  'knows no event named %s',
  (event) => {
    expect(readEvent({ event, ts: '2026-11-22T12:00:00.000Z', props: {} })).toBeUndefined();
  },
);

test.each([null, 'index', 7, [], { props: {} }])('knows no event in %j', (value) => {
  expect(readEvent(value)).toBeUndefined();
});
