/** All that the ingest knows of a request. */
export interface RequestView {
  readonly method: string;
  readonly path: string;
  readonly contentType: string | null;
  readonly contentEncoding: string | null;
  readonly body: ReadableStream<Uint8Array> | null;
}

/**
 * The only place that touches a request. Address, location and all other headers end here: they
 * are never read, so they cannot be logged or forwarded.
 */
export function viewRequest(request: Request): RequestView {
  return {
    method: request.method,
    path: new URL(request.url).pathname,
    contentType: request.headers.get('content-type'),
    contentEncoding: request.headers.get('content-encoding'),
    body: request.body,
  };
}
