import { answerMethod, answerNotFound, answerPage, answerReport } from './answers.ts';
import { infoPage } from './info-page.ts';
import type { Health } from './health.ts';
import { ingest, type IngestServices } from './ingest.ts';
import { writeJsonSchema } from './json-schema.ts';
import { logReason } from '../log.ts';
import { answerStatistics, isStatistics } from '../statistics/serve.ts';
import type { Page } from '../statistics/page-store.ts';
import type { RequestView } from './request-view.ts';

/** What lies behind the door, opened only when it is asked for. */
export interface DoorServices {
  readonly openIngest: () => Promise<IngestServices>;
  readonly readHealth: () => Promise<Health>;
  /** What is published under a path; undefined for nothing. */
  readonly readPage: (path: string) => Promise<Page | undefined>;
}

/**
 * One answer to one request. CORS is closed, except for the published files: no other answer carries a
 * permission, and OPTIONS is not allowed anywhere.
 */
export async function answer(request: RequestView, services: DoorServices): Promise<Response> {
  switch (request.path) {
    case '/':
      return answerGet(request, () => answerPage(infoPage, 'text/plain; charset=utf-8'));
    case '/v1/schema.json':
      return answerGet(request, () => answerPage(writeJsonSchema(), 'application/schema+json'));
    case '/v1/events':
      return request.method === 'POST' ? answerEvents(request, services) : answerMethod('POST');
    case '/v1/health':
      return answerGet(request, () => answerHealth(services));
    default:
      return isStatistics(request.path) ? answerPublished(request, services) : answerNotFound();
  }
}

async function answerGet(
  { method }: RequestView,
  open: () => Response | Promise<Response>,
): Promise<Response> {
  if (method === 'GET') return open();
  if (method !== 'HEAD') return answerMethod('GET, HEAD');
  const { status, headers } = await open();
  return new Response(null, { status, headers });
}

async function answerEvents(request: RequestView, { openIngest }: DoorServices): Promise<Response> {
  try {
    return answerReport(await ingest(request, await openIngest()));
  } catch {
    // A defect of ours or of the platform. The report is not stored, so the client must keep it.
    logReason('ingest_failed');
    return answerReport('queue');
  }
}

async function answerHealth({ readHealth }: DoorServices): Promise<Response> {
  try {
    const health = await readHealth();
    // A monitor needs to look at the status only.
    return Response.json(health, {
      status: health.ok ? 200 : 503,
      headers: { 'cache-control': 'no-store' },
    });
  } catch {
    // Whatever the database says: this is not healthy.
    logReason('store_unavailable');
    return answerReport('overload');
  }
}

async function answerPublished(
  request: RequestView,
  { readPage }: DoorServices,
): Promise<Response> {
  try {
    const page = await readPage(request.path);
    if (page === undefined) return answerNotFound();
    return await answerGet(request, () => answerStatistics(page));
  } catch {
    // Whatever the database says: it may be back in a moment.
    logReason('store_unavailable');
    return answerReport('overload');
  }
}
