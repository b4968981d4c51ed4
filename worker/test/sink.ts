/**
 * All the network that the tests inside workerd have. `https://status-503.example` answers 503,
 * `https://wait-7-status-429.example` with `retry-after: 7`, `https://mirror.example` says 200 to
 * what a sink must be sent and 400 to anything else, `https://stalled.example` never answers.
 * Runs in Node.
 */
export async function answerAsSink(request: Request): Promise<Response> {
  const { hostname } = new URL(request.url);
  const [, wait, status] = /^(?:wait-(\w+)-)?status-(\d+)\./.exec(hostname) ?? [];
  if (status !== undefined) {
    return new Response(null, {
      status: Number(status),
      headers: wait === undefined ? {} : { 'retry-after': wait },
    });
  }
  if (hostname === 'mirror.example') {
    return new Response('{}', { status: (await isProper(request)) ? 200 : 400 });
  }
  if (hostname === 'stalled.example') return new Promise(() => {});
  return new Response('no such host', { status: 599 });
}

async function isProper(request: Request): Promise<boolean> {
  const unpacked = request.body?.pipeThrough(new DecompressionStream('gzip'));
  const body: unknown = await new Response(unpacked).json();
  return (
    request.method === 'POST' &&
    new URL(request.url).pathname === '/batch/' &&
    request.headers.get('content-type') === 'application/json' &&
    request.headers.get('content-encoding') === 'gzip' &&
    JSON.stringify(body).startsWith('{"api_key":"phc_test","batch":[{"event":') &&
    !Object.hasOwn(body as object, 'sent_at')
  );
}
