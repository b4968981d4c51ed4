import { expect, test } from 'vitest';
import { parseEndpoint } from './endpoint.ts';

test.each([
  ['nothing', ''],
  ['a word', 'telemetry'],
  ['a host alone', 'telemetry.example.com/v1/events'],
  ['http', 'http://telemetry.example.com/v1/events'],
  ['http to a host that sounds near', 'http://localhost.example.com/'],
  ['http to another that does', 'http://127.0.0.1.example.com/'],
  ['http to a host behind a name', 'http://localhost@example.com/'],
  ['http to this network', 'http://192.168.0.1/'],
  ['http to any address', 'http://0.0.0.0/'],
  ['http to a name that ends in a dot', 'http://localhost./'],
  ['http by the other version', 'http://[::ffff:10.0.0.1]/'],
  ['a file', 'file:///etc/passwd'],
  ['another protocol', 'ftp://127.0.0.1/'],
  ['a socket', 'ws://localhost/'],
  ['text', 'data:text/plain,alice'],
  ['code', 'javascript:alert(1)'],
])('sends nothing to %s', (_, text) => {
  expect(parseEndpoint(text)).toBeUndefined();
});

test.each([
  ['https', 'https://telemetry.example.com/v1/events'],
  ['https in capitals', 'HTTPS://telemetry.example.com/v1/events'],
  ['https here', 'https://localhost:8787/'],
  ['http here', 'http://127.0.0.1:8787/v1/events'],
  ['http here, by another address', 'http://127.8.8.8/'],
  ['http here, in short', 'http://127.1/'],
  ['http here, by name', 'http://localhost:8787/'],
  ['http here, by the other version', 'http://[::1]:8787/'],
])('sends to %s', (_, text) => {
  expect(parseEndpoint(text)?.href).toBe(new URL(text).href);
});
