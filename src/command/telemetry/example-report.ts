import * as v from 'valibot';
import { report } from '../../../contract/report/allowlist.ts';

/** A whole report with one event of each kind, made of the examples in the allowlist itself. */
export function exampleReport(): unknown {
  return exampleOf(report);
}

function exampleOf(schema: v.GenericSchema): unknown {
  const { example } = v.getMetadata(schema);
  if (example !== undefined) return example;
  const inner = schema as SchemaParts;
  if (inner.wrapped !== undefined) return exampleOf(inner.wrapped);
  if (inner.entries !== undefined) {
    return Object.fromEntries(
      Object.entries(inner.entries).map(([key, entry]) => [key, exampleOf(entry)]),
    );
  }
  if (inner.item !== undefined) return optionsOf(inner.item).map(exampleOf);
  return inner.options === undefined ? inner.literal : exampleOf(inner.options[0]!);
}

/** The parts by which valibot's objects, arrays, variants and literals hold others. */
interface SchemaParts extends v.GenericSchema {
  readonly wrapped?: v.GenericSchema;
  readonly entries?: Readonly<Record<string, v.GenericSchema>>;
  readonly item?: v.GenericSchema;
  readonly options?: readonly v.GenericSchema[];
  readonly literal?: unknown;
}

function optionsOf(schema: v.GenericSchema): readonly v.GenericSchema[] {
  return (schema as SchemaParts).options ?? [schema];
}
