import ts from '@typescript/typescript6';

const program = {
  strict: true,
  module: ts.ModuleKind.NodeNext,
  allowImportingTsExtensions: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
} satisfies ts.CompilerOptions;

const asText: ts.TypeFormatFlags = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.InTypeAlias;

/**
 * The declarations in `file` as plain types: what a schema takes for true, written out, instead of how
 * it is made. The exact types bring nearly all of valibot's along, which are 110 kB.
 */
export function plainSchemas(file: string): string {
  const compiled = ts.createProgram([file], program);
  const checker = compiled.getTypeChecker();
  const source = compiled.getSourceFile(file)!;
  const lines = checker.getExportsOfModule(checker.getSymbolAtLocation(source)!).map((symbol) => {
    const node = symbol.declarations![0]!;
    if (ts.isTypeAliasDeclaration(node)) {
      const type = checker.getDeclaredTypeOfSymbol(symbol);
      return `${commentOf(node)}export type ${symbol.name} = ${write(type)};`;
    }
    const type = checker.getTypeOfSymbol(symbol);
    const output = outputOf(type);
    const plain = output === undefined ? write(type) : `GenericSchema<${write(output)}>`;
    return `${commentOf(node.parent.parent)}export declare const ${symbol.name}: ${plain};`;
  });
  return ["import type { GenericSchema } from 'valibot';", ...lines].join('\n');

  /** What a schema of valibot makes of a value; undefined when `type` is none. */
  function outputOf(type: ts.Type): ts.Type | undefined {
    const types = type.getProperty('~types');
    const known = types && checker.getNonNullableType(checker.getTypeOfSymbol(types));
    const output = known?.getProperty('output');
    return output && checker.getTypeOfSymbol(output);
  }

  function write(type: ts.Type): string {
    return checker.typeToString(type, undefined, asText);
  }
}

function commentOf(node: ts.Node): string {
  return node.getFullText().slice(0, node.getLeadingTriviaWidth());
}
