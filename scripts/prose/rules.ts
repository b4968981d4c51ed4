/** Words that a page or a text of the command must not have, and what to write instead. */
export interface PhraseRule {
  readonly pattern: RegExp;
  readonly instead: string;
  /** A sentence that it refuses, for its test. */
  readonly refused: string;
}

/** Our own rules, in the order of STYLE's table: each is a habit that cost a reader a second look. */
export const phraseRules: readonly PhraseRule[] = [
  {
    pattern: /\bwho(?:m|so)?ever\b/i,
    instead: 'name the actor: the CLI, the engine, the operator, you',
    refused: 'Whoever misspells it meant it.',
  },
  {
    pattern: /\b(?:some|no)body\b|\b(?:some|no) ?one\b(?! of)/i,
    instead: 'name the actor, or say "no process", "another user"',
    refused: 'Nobody is asked.',
  },
  {
    pattern: /(?:^|[.:;] )Who [a-z]+s\b(?!.*\?)/,
    instead: 'name the actor',
    refused: 'Who cancels gets exit code 130.',
  },
  {
    pattern: /\b(?:he|him|his)\b/i,
    instead: 'they, them, their',
    refused: 'A user writes where he may not.',
  },
  {
    pattern: /, as (?:there|they|we|no|none|nothing|its|their)\b/,
    instead: 'because',
    refused: 'It never flushes, as nothing is sent.',
  },
  {
    pattern: /\b(?:all|anything|everything|none|nothing) but\b/i,
    instead: 'except',
    refused: 'It keeps everything but the name.',
  },
  { pattern: /\bbut for\b/i, instead: 'unless, except', refused: 'The same but for the ids.' },
  { pattern: /\bbut where\b/i, instead: 'only if', refused: 'Never, but where you ask.' },
  {
    pattern: /\b(?:drawn|minted|mints)\b/i,
    instead: 'generated',
    refused: 'One is drawn each month.',
  },
  {
    pattern: /\bto the byte\b/i,
    instead: 'exactly as sent',
    refused: 'It prints them to the byte.',
  },
  {
    pattern: /\b(?:without|found no) room\b/i,
    instead: 'dropped (storage full)',
    refused: '3 counts without room.',
  },
  {
    pattern: /\bon no list\b|\bon none of the lists\b/i,
    instead: 'unrecognized, unlisted',
    refused: 'Names that are on no list.',
  },
  { pattern: /\btr(?:y|ies|ied) again\b/i, instead: 'retry', refused: 'It is tried again.' },
  {
    pattern: /\bas far as it\b/i,
    instead: 'say what is known',
    refused: 'None, as far as it knows.',
  },
  { pattern: /\bfolders?\b/i, instead: 'directory', refused: 'A folder of its own.' },
  {
    pattern: /\bexit (?:status|value)\b|\b(?:exits?|ends?|gets) with \d/i,
    instead: 'exit code',
    refused: 'It exits with 130.',
  },
  {
    pattern: /\btill\b|\bwhereby\b|\btherewith\b|\bthus\b|\bhence\b/i,
    instead: 'until, so',
    refused: 'It waits till the end.',
  },
];

/** A sentence of more words than this is split or shortened. */
export const maxSentenceWords = 25;

/** Faults of pages that wait for their turn: a bound that only goes down. Other pages have none. */
export const knownFaults: Readonly<Record<string, number>> = {
  // It quotes the names of tests.
  'docs/upstream.md': 2,
  'worker/README.md': 30,
};

/** What is wrong with a text, by these rules. */
export function findPhrases(text: string): readonly { index: number; message: string }[] {
  return phraseRules.flatMap(({ pattern, instead }) =>
    Array.from(text.matchAll(new RegExp(pattern, `g${pattern.flags}`)), ({ 0: found, index }) => ({
      index,
      message: `"${found.trim()}": ${instead}`,
    })),
  );
}

/** The comments and literals of a source, each where it stands; all else is blank. */
export function proseOf(source: string): string {
  const prose = /\/\/.*|\/\*[^]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`[^`]*`/g;
  let text = '';
  for (const { 0: found, index } of source.matchAll(prose)) {
    const isPath = /^['"]\.{1,2}\//.test(found);
    text += blank(source.slice(text.length, index));
    const code = found.startsWith('/') ? /`[^`]*`/g : /\$\{[^}]*\}/g;
    text += isPath ? blank(found) : found.replaceAll(code, blank);
  }
  return text;
}

function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, ' ');
}
