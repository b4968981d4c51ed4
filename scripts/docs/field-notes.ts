import * as v from 'valibot';
import { type Shape, unwrap } from './shape.ts';

/** What the allowlist says of one field. */
export interface FieldNotes {
  readonly what: string;
  readonly why: string;
  readonly example: unknown;
}

/** @throws Error when a field has no description, no reason or no example. */
export function notesOf(name: string, shape: Shape): FieldNotes {
  const schema = unwrap(shape) as unknown as v.GenericSchema;
  const what = v.getDescription(schema);
  const { why, example } = v.getMetadata(schema);
  if (what === undefined || typeof why !== 'string' || example === undefined) {
    throw new Error(`${name}: the allowlist has no description, reason or example of it`);
  }
  return { what, why, example };
}
