import { html, nothing, type Html } from './html.ts';
import { formatDate } from './words.ts';

/** One dated line of decisions.md. */
interface Decision {
  readonly day: string;
  readonly text: string;
}

/** The lines `- YYYY-MM-DD: text` of a Markdown file, in its order. */
function readDecisions(markdown: string): readonly Decision[] {
  const lines = markdown
    .replace(/<!--[\s\S]*?-->/g, '')
    .matchAll(/^- (\d{4}-\d{2}-\d{2}): (.+)$/gm);
  return Array.from(lines, ([, day = '', text = '']) => ({ day, text }));
}

export function decisionsSection(markdown: string): Html {
  const decisions = readDecisions(markdown);
  return html`<section id="decided">
    <h2>What was decided with it</h2>
    <p>
      If a number never decides anything, it should not be collected.
      <a href="https://github.com/colbymchenry/codegraph-telemetry/issues"
        >Propose a decision, or the end of a field.</a
      >
    </p>
    ${decisions.length === 0 ? html`<p>Nothing yet.</p>` : nothing}
    <ul class="decided">
      ${decisions.map(
        ({ day, text }) =>
          html`<li>
            <time datetime="${day}">${formatDate(day)}</time><span>${inline(text)}</span>
          </li> `,
      )}
    </ul>
  </section>`;
}

/** Links and code of a line; nothing else of Markdown. */
function inline(text: string): readonly Html[] {
  return text.split(/(\[[^\]]+\]\(https:\/\/[^)\s]+\)|`[^`]+`)/).map((part) => {
    const [, label, address] = /^\[([^\]]+)\]\((https:[^)]+)\)$/.exec(part) ?? [];
    if (label !== undefined && address !== undefined)
      return html`<a href="${address}">${label}</a>`;
    const [, code] = /^`([^`]+)`$/.exec(part) ?? [];
    return code === undefined ? html`${part}` : html`<code>${code}</code>`;
  });
}
