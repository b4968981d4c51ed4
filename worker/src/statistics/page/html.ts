/** HTML that is finished: only `html` makes it, and it escapes what is put in. */
export interface Html {
  readonly html: string;
}

type Part = Html | string | number | readonly Html[];

/** A template of HTML; texts are escaped, HTML and lists of it are not. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  // The formatter indents templates; the reader need not pay for it.
  const texts = strings.map((text, at) => text.replace(/\s*\n\s*/g, '\n') + write(parts[at] ?? ''));
  return { html: texts.join('') };
}

export const nothing: Html = { html: '' };

function write(part: Part): string {
  if (typeof part === 'string' || typeof part === 'number') return escapeHtml(String(part));
  return 'html' in part ? part.html : part.map((each) => each.html).join('');
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
