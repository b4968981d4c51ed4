// Opens a peer as its own documents tell: counts a use, and delivers what it has counted.
const { createRequire } = require('node:module');
const path = require('node:path');

// Nothing is delivered but by `flush`.
const never = 2 ** 31 - 1;

/** @typedef {{ count(kind: string, name: string, client?: string): void, flush(): Promise<unknown> }} Peer */

/** @type {(peer: string, folder: string, endpoint: string) => Peer} */
exports.openPeer = (peer, folder, endpoint) => {
  const load = createRequire(path.join(folder, 'package.json'));
  return peer === 'posthog' ? openPostHog(load, endpoint) : openOpenTelemetry(load, endpoint);
};

/** An event for each use. @type {(load: NodeRequire, endpoint: string) => Peer} */
function openPostHog(load, endpoint) {
  const { PostHog } = load('posthog-node');
  const client = new PostHog('phc_bench', {
    host: new URL(endpoint).origin,
    flushAt: never,
    flushInterval: never,
  });
  const distinctId = '00000000-0000-4000-8000-000000000000';
  return {
    count: (kind, name, by) =>
      client.capture({ distinctId, event: 'usage', properties: { kind, name, client: by } }),
    flush: () => client.flush(),
  };
}

/** A counter with attributes. @type {(load: NodeRequire, endpoint: string) => Peer} */
function openOpenTelemetry(load, endpoint) {
  const { MeterProvider, PeriodicExportingMetricReader } = load('@opentelemetry/sdk-metrics');
  const { OTLPMetricExporter } = load('@opentelemetry/exporter-metrics-otlp-http');
  const exporter = new OTLPMetricExporter({ url: endpoint });
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: never });
  const provider = new MeterProvider({ readers: [reader] });
  const counter = provider.getMeter('bench').createCounter('usage');
  return {
    count: (kind, name, client) => counter.add(1, { kind, name, client }),
    flush: () => provider.forceFlush(),
  };
}
