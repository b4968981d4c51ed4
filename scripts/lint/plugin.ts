// Our own lint rules, loaded by .oxlintrc.json. They are here because no rule of oxlint sees
// through `import()`, and a boundary with a hole is none.
import { join } from 'node:path';
import { pathBelow, whyNotImport } from './boundaries.ts';
import { clientAddress, connections, type RefusedWords } from './words.ts';

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

interface Context {
  readonly filename: string;
  report(problem: { node: Node; message: string }): void;
}

type Visitor = Record<string, (node: Node) => void>;

const root = join(import.meta.dirname, '..', '..');

function importBoundaries(context: Context): Visitor {
  const path = pathBelow(root, context.filename);
  const check = (node: Node, source: unknown): void => {
    if (source === null || source === undefined) return;
    const message = whyNotImport(path, textOf(source as Node));
    if (message !== null) context.report({ node, message });
  };
  return {
    ImportDeclaration: (node) => check(node, node['source']),
    ExportNamedDeclaration: (node) => check(node, node['source']),
    ExportAllDeclaration: (node) => check(node, node['source']),
    ImportExpression: (node) => check(node, node['source']),
    TSImportType: (node) => check(node, node['source'] ?? node['argument']),
  };
}

/** Wherever they stand, so that neither an alias nor a late import leads around the rule. */
function refuseWords({ isRefusedText, identifiers, why }: RefusedWords) {
  return (context: Context): Visitor => {
    const check = (node: Node, text: string | null, isRefused: boolean): void => {
      if (isRefused) context.report({ node, message: `${why}: ${text} is not for this file` });
    };
    const checkText = (node: Node, text: string | null): void =>
      check(node, text, text !== null && isRefusedText(text));
    return {
      Identifier: (node) => {
        const name = String(node['name']);
        check(node, name, identifiers.includes(name));
      },
      Literal: (node) => checkText(node, textOf(node)),
      TemplateElement: (node) => checkText(node, (node['value'] as { raw: string }).raw),
    };
  };
}

/** The text of a string literal or of a template without holes; null for anything else. */
function textOf(node: Node): string | null {
  if (node.type === 'Literal') return typeof node['value'] === 'string' ? node['value'] : null;
  if (node.type === 'TSLiteralType') return textOf(node['literal'] as Node);
  if (node.type !== 'TemplateLiteral') return null;
  const [only, ...rest] = node['quasis'] as { value: { cooked: string } }[];
  return only !== undefined && rest.length === 0 ? only.value.cooked : null;
}

export default {
  meta: { name: 'ours' },
  rules: {
    'import-boundaries': { create: importBoundaries },
    'no-client-address': { create: refuseWords(clientAddress) },
    'no-connections': { create: refuseWords(connections) },
  },
};
