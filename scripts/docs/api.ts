import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from '@typescript/typescript6';
import { root } from '../set-up/paths.mjs';
import { fence } from './markdown.ts';

/** A declaration that the page shows: a function with its text, or a type. */
interface Entry {
  readonly name: string;
  readonly comment: string;
  readonly code: string;
  readonly isCalled: boolean;
}

/** The library's functions and types, by the declarations that are published and their comments. */
export function describeApi(): string {
  const files = ['index.d.cts', 'hosts.d.cts'].map(readDeclarations);
  const functions = files.flatMap((source) => {
    const exported = listExports(source);
    return entriesOf(source).filter(({ isCalled, name }) => isCalled && exported.has(name));
  });
  // Those without a name outside are shown as well: others are made of them. Some stand in both files.
  const types = new Map(
    files
      .flatMap(entriesOf)
      .filter(({ isCalled }) => !isCalled)
      .map((entry) => [entry.name, entry]),
  );
  return [
    '## Functions',
    ...functions.map(write),
    '## Types',
    ...Array.from(types.values(), write),
  ].join('\n\n');
}

function readDeclarations(name: string): ts.SourceFile {
  const path = join(root, 'dist', name);
  return ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
}

function entriesOf(source: ts.SourceFile): readonly Entry[] {
  return source.statements.flatMap((node) => describe(node, source));
}

function listExports(source: ts.SourceFile): ReadonlySet<string> {
  const clauses = source.statements.flatMap((node) =>
    ts.isExportDeclaration(node) && node.exportClause && ts.isNamedExports(node.exportClause)
      ? node.exportClause.elements.map(({ name }) => name.text)
      : [],
  );
  return new Set(clauses);
}

function describe(node: ts.Statement, source: ts.SourceFile): readonly Entry[] {
  const isType = ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
  if (!isType && !ts.isFunctionDeclaration(node)) return [];
  const code = node.getText(source).replace(/^(?:export )?declare /, '');
  return [
    {
      name: node.name!.text,
      comment: commentOf(node, source),
      code: code.replace(/\(typeof (\w+)\)\[number\]/g, (_, list: string) => union(list, source)),
      isCalled: !isType,
    },
  ];
}

/** The members of a list whose elements are the values of a type. */
function union(list: string, source: ts.SourceFile): string {
  const [, members] = new RegExp(`const ${list}: readonly \\[(.*)\\]`).exec(source.text) ?? [];
  if (members === undefined) throw new Error(`The declarations have no list ${list}.`);
  return members.replaceAll(', ', ' | ');
}

/** Its doc comment as text: examples and exceptions come as the comment has them. */
function commentOf(node: ts.Node, source: ts.SourceFile): string {
  const last = ts.getLeadingCommentRanges(source.text, node.getFullStart())?.at(-1);
  if (last === undefined) return '';
  const lines = source.text.slice(last.pos, last.end).replace(/^\/\*\*|\*\/$/g, '');
  const text = lines.replaceAll(/^ *\* ?/gm, '').trim();
  return text
    .replaceAll(
      /@example\n((?:[^@\n].*\n?)+)/g,
      (_, example: string) => `\n${fence('ts', example)}\n`,
    )
    .replaceAll(/^@throws /gm, '\nThrows ');
}

function write({ name, comment, code }: Entry): string {
  return [`### ${name}`, comment.trim(), fence('ts', code)]
    .filter((part) => part !== '')
    .join('\n\n');
}
