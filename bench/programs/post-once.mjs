// What a sender thread cannot do without: a thread's start, and one request.
import { request } from 'node:http';

request(process.env['CODEGRAPH_TELEMETRY_ENDPOINT'] ?? '', { method: 'POST' }, (response) =>
  response.resume(),
).end('{}');
