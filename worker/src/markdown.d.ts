/** Markdown is bundled as text: `rules` of wrangler.jsonc. */
declare module '*.md' {
  const text: string;
  export default text;
}
