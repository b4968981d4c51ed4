import { describe, expect, it } from 'vitest';
import { lintPage } from './lint-page.ts';
import { findPhrases, phraseRules, proseOf } from './rules.ts';

describe('a text', () => {
  it.each(phraseRules)('is told "$instead" for: $refused', ({ refused, instead }) => {
    const messages = findPhrases(refused).map(({ message }) => message);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain(instead);
  });

  it.each([
    'Without a choice, nothing is sent until then.',
    'It ends as the engine ends, and exits with code 130.',
    'This is not the end, and there is no one of them left.',
    'Who receives it?',
  ])('passes with: %s', (text) => {
    expect(findPhrases(text)).toEqual([]);
  });
});

describe('a page', () => {
  const lint = async (text: string): Promise<readonly string[]> =>
    (await lintPage('page.md', text)).map(({ rule, line }) => `${line} ${rule}`);
  const words = (count: number): string => `${'word '.repeat(count - 1)}end.`;

  it('is refused a phrase in a paragraph, a heading, a list and a table, by its line', async () => {
    const page = '# A folder\n\nA\nfolder\n\n- A folder\n\n| A folder |\n| --- |\n| A folder |\n';
    expect(await lint(page)).toEqual([1, 4, 6, 8, 10].map((line) => `${line} phrases`));
  });

  it('may have any word in code', async () => {
    expect(await lint('`folder`\n\n```ts\nconst folder = 1;\n```\n')).toEqual([]);
  });

  it('is refused a sentence of 26 words, also in a list', async () => {
    expect(await lint(`${words(25)} ${words(25)}\n`)).toEqual([]);
    expect(await lint(`Short. ${words(26)}\n\n- ${words(26)}\n`)).toEqual([
      '1 long-sentences',
      '3 long-sentences',
    ]);
  });

  it('may list any number of names in code in a sentence', async () => {
    expect(await lint(`${'`name`, '.repeat(40)}\`last\`\n`)).toEqual([]);
  });
});

describe('a source', () => {
  it('has its prose in comments and literals, on the same lines', () => {
    const source =
      "import './folder.ts';\nconst folder = 'a folder'; // a folder\n/* `folder`\n folder */\n`${folder} folder`";
    const lines = findPhrases(proseOf(source)).map(
      ({ index }) => source.slice(0, index).split('\n').length,
    );
    expect(lines).toEqual([2, 2, 4, 5]);
  });
});
