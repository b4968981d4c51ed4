import { TextlintKernel, type TextlintRuleModule } from '@textlint/kernel';
import markdown from '@textlint/textlint-plugin-markdown';
import { splitAST, SentenceSplitterSyntax } from 'sentence-splitter';
import { findPhrases, maxSentenceWords } from './rules.ts';

/** What is wrong with a page, in the order of its lines. */
export interface PageFault {
  readonly rule: 'phrases' | 'long-sentences';
  readonly line: number;
  readonly message: string;
}

const phrases: TextlintRuleModule = ({ Syntax, RuleError, report, getSource, locator }) => ({
  [Syntax.Str](node) {
    for (const { index, message } of findPhrases(getSource(node))) {
      report(node, new RuleError(message, { padding: locator.at(index) }));
    }
  },
});

const longSentences: TextlintRuleModule = ({ Syntax, RuleError, report, locator }) => ({
  [Syntax.Paragraph](node) {
    // The splitter has types of its own for the same tree.
    const { children } = splitAST(node as Parameters<typeof splitAST>[0]);
    for (const { type, raw, range } of children) {
      const words = type === SentenceSplitterSyntax.Sentence ? countWords(raw) : 0;
      if (words <= maxSentenceWords) continue;
      const padding = locator.at(range[0] - node.range[0]);
      report(node, new RuleError(`a sentence of ${words} words`, { padding }));
    }
  },
});

/** Holds a page in Markdown against our rules. Code, links and addresses are no prose. */
export async function lintPage(path: string, text: string): Promise<readonly PageFault[]> {
  const { messages } = await new TextlintKernel().lintText(text, {
    ext: '.md',
    filePath: path,
    plugins: [{ pluginId: 'markdown', plugin: markdown.default ?? markdown }],
    rules: [
      { ruleId: 'phrases', rule: phrases },
      { ruleId: 'long-sentences', rule: longSentences },
    ],
  });
  return messages.map(({ ruleId, loc, message }) => ({
    rule: ruleId as PageFault['rule'],
    line: loc.start.line,
    message,
  }));
}

/** A link counts as its words. A list of names in code is looked up, not read: it counts as one word. */
function countWords(text: string): number {
  const read = text.replaceAll(/\]\([^)]*\)/g, ']').replaceAll(/(?:`[^`]*`, )+/g, '');
  return read.match(/\S*\w\S*/g)?.length ?? 0;
}
