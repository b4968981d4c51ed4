import type { Page } from './page-store.ts';

/** Whether a path is one of the statistics. */
export function isStatistics(path: string): boolean {
  return /^\/(?:stats(?:\/[\dW-]+)?|v1\/stats(?:\.json|\.svg|\/[\dW-]+\.(?:json|csv)|\/index\.json))$/.test(
    path,
  );
}

/** A published body as an answer. The page runs nothing and loads nothing, and its answer says so. */
export async function answerStatistics({ path, type, body, published }: Page): Promise<Response> {
  const isPage = type.startsWith('text/html');
  // The newest ones change each week; those of a period at most once more.
  const isOld = /\d{4}-/.test(path);
  const headers = new Headers({
    'content-type': type,
    'cache-control': `public, max-age=${isOld ? 86_400 : 3_600}`,
    'last-modified': new Date(`${published}T00:00:00Z`).toUTCString(),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'content-security-policy': isPage
      ? await policyOf(body)
      : "default-src 'none'; style-src 'unsafe-inline'",
  });
  if (!isPage) headers.set('access-control-allow-origin', '*');
  return new Response(body, { headers });
}

/** Allows the one style sheet that is in the page, by its hash. */
async function policyOf(body: string): Promise<string> {
  const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(body) ?? [];
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style));
  const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}
