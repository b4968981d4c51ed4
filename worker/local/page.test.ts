import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import axe from 'axe-core';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fillDemo } from './demo.ts';
import { startIngest, type RunningIngest } from './start-ingest.ts';

const executablePath = '/usr/bin/chromium';
// Elsewhere Chrome is the one that is likely to be there, at a place that playwright knows.
const place = process.platform === 'linux' ? { executablePath } : { channel: 'chrome' };

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const widthOfPage = 'document.documentElement.scrollWidth';

let ingest: RunningIngest;
let browser: Browser;
let address = '';

beforeAll(async () => {
  if (process.platform === 'linux' && !existsSync(executablePath)) {
    throw new Error(
      `${executablePath} is missing: apt-get install --no-install-recommends chromium`,
    );
  }
  ingest = await startIngest({
    posthogUrl: 'http://127.0.0.1:9',
    variables: { SINK: 'd1' },
  });
  [address, browser] = await Promise.all([
    fillDemo(ingest, Date.now(), { machines: 1_500, weeks: 27, months: 2 }),
    chromium.launch({ ...place, args: flags }),
  ]);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await ingest?.stop();
});

interface Visit {
  readonly page: Page;
  readonly requests: readonly string[];
  readonly complaints: readonly string[];
  readonly close: () => Promise<void>;
}

async function visit(options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(address, { waitUntil: 'networkidle' });
  return { page, requests, complaints, close: () => context.close() };
}

test('the page makes one request, sets no cookie and says nothing on the console', async () => {
  const { page, requests, complaints, close } = await visit();
  // A browser asks for an icon by itself, on its own terms.
  expect(requests.filter((url) => !url.endsWith('/favicon.ico'))).toEqual([address]);
  expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
  expect(await page.context().cookies()).toEqual([]);
  expect(await page.locator('script').count()).toBe(0);
  expect(await page.locator('svg:visible').count()).toBe(2);
  await close();
});

test.each<[string, BrowserContextOptions]>([
  ['in light', { colorScheme: 'light' }],
  ['in dark', { colorScheme: 'dark' }],
  ['on a phone', { viewport: { width: 390, height: 800 } }],
  ['on a phone in dark', { viewport: { width: 390, height: 800 }, colorScheme: 'dark' }],
])('axe finds nothing wrong %s', async (_, options) => {
  // axe is put in by hand, past the policy of the page, which allows no script.
  const { page, close } = await visit({ ...options, bypassCSP: true });
  await page.evaluate(`for (const each of document.querySelectorAll('details')) each.open = true`);
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const found = await (globalThis as unknown as { axe: typeof axe }).axe.run();
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
  });
  expect(violations).toEqual([]);
  await close();
});

test.each([320, 390, 768, 1200])('nothing overflows at %i pixels', async (width) => {
  const { page, close } = await visit({ viewport: { width, height: 800 } });
  expect(await page.evaluate(widthOfPage)).toBeLessThanOrEqual(width);
  await close();
});

test('half a year of weeks stays a small page', async () => {
  const page = await (await fetch(address)).text();
  expect(page.length).toBeLessThan(65_000);
  expect(gzipSync(page).length).toBeLessThan(12_000);
});

test('no name is broken into letters on a phone, beside a regression either', async () => {
  const { page, close } = await visit({ viewport: { width: 320, height: 800 } });
  expect(await page.locator('.worse').count()).toBeGreaterThan(0);
  const lineCounts: number[] = await page.evaluate(
    `[...document.querySelectorAll('th code')].map((name) => name.getClientRects().length)`,
  );
  expect(lineCounts.filter((lines) => lines > 1)).toEqual([]);
  await close();
});

test('text at twice its size still fits', async () => {
  const { page, close } = await visit({ bypassCSP: true, viewport: { width: 1200, height: 800 } });
  await page.addStyleTag({ content: 'html{font-size:200%}' });
  expect(await page.evaluate(widthOfPage)).toBeLessThanOrEqual(1_200);
  await close();
});

test('the page says the same without scripts, and its lists open by keyboard', async () => {
  const withScripts = await visit();
  const text = await withScripts.page.innerText('body');
  await withScripts.close();
  const { page, close } = await visit({ javaScriptEnabled: false });
  expect(await page.innerText('body')).toBe(text);
  const details = page.locator('details').first();
  expect(await details.getAttribute('open')).toBeNull();
  await details.locator('summary').focus();
  await page.keyboard.press('Enter');
  expect(await details.getAttribute('open')).not.toBeNull();
  await close();
});

test('the policy of the page stops a style and a picture that are not its own', async () => {
  const requested: string[] = [];
  const elsewhere = createServer((request, response) => {
    requested.push(request.url ?? '');
    response.end();
  });
  elsewhere.listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
  const { port } = elsewhere.address() as AddressInfo;
  const { page, complaints, close } = await visit();
  const planted = `<img src="http://127.0.0.1:${port}/a.png"><p style="color:red">`;
  await page.evaluate(`document.body.insertAdjacentHTML('beforeend', '${planted}')`);
  await expect
    .poll(() => complaints.filter((text) => text.includes('Content Security')).length)
    .toBe(2);
  expect(requested).toEqual([]);
  await close();
  elsewhere.close();
});
