import { describe, expect, it, test } from 'vitest';
import { maskEndpoint, whyUnusable } from './endpoint.ts';

test.each([
  'https://telemetry.example.com/v1/events',
  'https://telemetry.example.com/v1/events?token=t',
  'http://localhost:8787/v1/events',
  'http://127.0.0.1:8787/',
  'http://127.8.9.1/',
  'http://127.1/',
  'HTTPS://telemetry.example.com/v1/events',
  'https://localhost:8787/',
  'http://[::1]:8787/',
])('a report may go to %s', (endpoint) => {
  expect(whyUnusable(endpoint)).toBeUndefined();
});

describe('no report may go', () => {
  test.each<[endpoint: string, reason: RegExp]>([
    ['', /not a URL/],
    ['telemetry.example.com', /not a URL/],
    ['http://telemetry.example.com/', /only to this machine/],
    ['http://localhost.example.com/', /only to this machine/],
    ['http://127.0.0.1.example.com/', /only to this machine/],
    ['http://0.0.0.0/', /only to this machine/],
    ['http://192.168.0.1/', /only to this machine/],
    ['http://localhost./', /only to this machine/],
    ['http://[::ffff:10.0.0.1]/', /only to this machine/],
    ['http://localhost@example.com/', /user name or a password/],
    ['ws://localhost/', /scheme is ws:/],
    ['data:text/plain,alice', /scheme is data:/],
    ['javascript:alert(1)', /scheme is javascript:/],
    ['ftp://example.com/', /scheme is ftp:/],
    ['file:///etc/passwd', /scheme is file:/],
    ['https://me@example.com/', /user name or a password/],
    ['https://me:s3cret@example.com/', /user name or a password/],
    ['http://me:s3cret@localhost/', /user name or a password/],
  ])('to "%s", and the reason says which part is wrong', (endpoint, reason) => {
    expect(whyUnusable(endpoint)).toMatch(reason);
    expect(whyUnusable(endpoint)).not.toMatch(/s3cret|example/);
  });
});

it.each([
  ['https://example.com/v1/events', 'https://example.com/v1/events'],
  ['https://me:s3cret@example.com:9/v1?token=t0ken#t0ken', 'https://***@example.com:9/v1?***'],
  ['https://t0ken@example.com/', 'https://***@example.com/'],
  ['s3cret', '(not a URL)'],
])('an endpoint is shown without its secrets: %s', (endpoint, shown) => {
  expect(maskEndpoint(endpoint)).toBe(shown);
});
