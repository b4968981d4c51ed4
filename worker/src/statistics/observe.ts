import type { FrozenEvent } from '../ingest/message.ts';
import { ciMetric, type Metric } from './metrics.ts';

/** That an event's machine was seen with a value. */
export interface Observation {
  readonly metric: Metric | typeof ciMetric;
  readonly value: string;
  /** Whether the event's uses and errors are the value's own. */
  readonly isUse: boolean;
}

/** What the statistics read from an event. Of a build machine no more than that it is one. */
export function observe({ event, properties }: FrozenEvent): readonly Observation[] {
  if (properties['ci'] === true) return [{ metric: ciMetric, value: 'all', isUse: false }];
  const seen: Observation[] = [
    { metric: 'machines', value: 'all', isUse: event === 'usage_rollup' },
  ];
  const add = (metric: Metric, value: unknown, isUse = false): void => {
    if (typeof value === 'string' || typeof value === 'number') {
      seen.push({ metric, value: String(value), isUse });
    }
  };
  const version = properties['codegraph_version'];
  add('os', properties['os']);
  add('arch', properties['arch']);
  add('node', properties['node_major']);
  add('version', version);
  switch (event) {
    case 'usage_rollup': {
      const isTool = properties['kind'] === 'mcp_tool';
      const name = properties['name'];
      const agent = properties['client_name'];
      add(isTool ? 'tool' : 'command', name, true);
      add(isTool ? 'tool_version' : 'command_version', join(name, version), true);
      if (isTool) {
        add('agent', agent, true);
        add('tool_agent', join(name, agent), true);
      }
      break;
    }
    case 'index':
      for (const language of listOf(properties['languages'])) add('language', language);
      add(
        'size_duration',
        join(properties['file_count_bucket'], properties['duration_bucket']),
        true,
      );
      break;
    case 'install':
      for (const target of listOf(properties['targets'])) add('target', target);
      add('install_kind', properties['kind'], true);
      break;
    case 'uninstall':
      break;
  }
  return seen;
}

function join(one: unknown, other: unknown): string | undefined {
  return typeof one === 'string' && typeof other === 'string' ? `${one} ${other}` : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
