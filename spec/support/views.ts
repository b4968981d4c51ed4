import { emptyLedger } from '../../contract/ledger.ts';
import { exampleReport } from '../../src/command/telemetry/example-report.ts';
import type { SentReport } from '../../src/command/telemetry/log.ts';
import type { RecordedDay } from '../../src/command/telemetry/recorded-days.ts';
import type { Show } from '../../src/command/telemetry/show.ts';
import type { StatusReport } from '../../src/command/telemetry/status.ts';

/** A machine in ordinary use, as the commands see it: every row of a view has something to show. */

export const now = Date.parse('2026-11-22T15:00:00.000Z');
const endpoint = 'https://telemetry.getcodegraph.com/v1/events';
export const body = JSON.stringify(exampleReport());

export const days: readonly RecordedDay[] = [
  {
    day: '2026-11-21',
    usage: [
      { kind: 'cli_command', name: 'query', count: 1_204, error_count: 0 },
      {
        kind: 'cli_command',
        name: 'sync',
        count: 12,
        error_count: 3,
      },
      {
        kind: 'mcp_tool',
        name: 'codegraph_explore',
        count: 60,
        error_count: 12,
        client_name: 'claude-code',
        client_version: '2.1',
      },
    ],
    events: ['index'],
  },
];

export const status: StatusReport = {
  mode: 'on',
  decidedBy: 'stored',
  warning: null,
  problems: [],
  storedMode: 'on',
  machineId: 'e0f087a2-15fa-4a29-b614-2d43b12089a9',
  endpoint,
  paths: {
    choice: '/home/me/.codegraph/telemetry.json',
    policy: '/etc/codegraph/telemetry.json',
    spool: '/home/me/.codegraph/telemetry',
    ledger: '/home/me/.codegraph/telemetry/ledger.json',
    receipts: '/home/me/.codegraph/telemetry/receipts.jsonl',
  },
  buffered: { bytes: 120, days: ['2026-11-22'], events: 4, reports: 1 },
  lost: { ...emptyLedger().lost, no_room: 3, unlisted: 1 },
  lastFlush: { at: '2026-11-22T14:00:00.000Z', outcome: 'unreachable', reason: 'ECONNREFUSED' },
  lastSent: { at: '2026-11-20T14:00:00.000Z', events: 6 },
  unanswered: 1,
  nextFlushNotBefore: '2026-11-22T15:10:00.000Z',
  countedByEngine: ['/home/me/project'],
  engineQueues: ['/home/me/.codegraph/telemetry-queue.jsonl'],
  countedBy: {
    by: 'front',
    command: '/usr/local/bin/codegraph',
    frontVersion: '0.1.0',
    engine: { path: '/usr/local/lib/node_modules/@colbymchenry/codegraph/node', version: '1.6.1' },
    warning: null,
  },
};

export const show: Show = {
  mode: 'on',
  decidedBy: 'stored',
  days,
  nextReports: [body],
  isDue: true,
  isSealed: false,
  lost: null,
};

export const log: readonly SentReport[] = [
  { acceptedAt: null, sentAt: '2026-11-22T14:00:00.000Z', endpoint: null, batchId: 'b', body },
  { acceptedAt: '2026-11-20T14:00:00.000Z', endpoint, batchId: 'a', body },
];
