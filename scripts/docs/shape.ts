import type * as v from 'valibot';

/** The kinds of schema that the allowlist is made of, as far as the pages tell of them. */
export type Shape = { readonly pipe?: readonly [Shape, ...Step[]] } & (
  | { readonly type: 'string' | 'number' | 'boolean' }
  | { readonly type: 'literal'; readonly literal: unknown }
  | { readonly type: 'picklist'; readonly options: readonly string[] }
  | { readonly type: 'union'; readonly options: readonly Shape[] }
  | { readonly type: 'array'; readonly item: Shape }
  | { readonly type: 'optional'; readonly wrapped: Shape }
  | { readonly type: 'strict_object'; readonly entries: Entries }
  | { readonly type: 'variant'; readonly key: string; readonly options: readonly ObjectShape[] }
);

export type Entries = Readonly<Record<string, Shape>>;
export type ObjectShape = Extract<Shape, { readonly type: 'strict_object' }>;

/** What a pipe adds to a schema: bounds, patterns, and words about it. */
export interface Step {
  readonly kind: 'validation' | 'metadata';
  readonly type: string;
  readonly requirement?: unknown;
  readonly message?: string;
}

/** A schema of the allowlist as data. Valibot has no public type for walking one. */
export function shapeOf(schema: v.GenericSchema): Shape {
  return schema as unknown as Shape;
}

/** The schema without `optional` around it. */
export function unwrap(shape: Shape): Shape {
  return shape.type === 'optional' ? unwrap(shape.wrapped) : shape;
}

/** All bounds and patterns of a schema, those of the schemas it was made from included. */
export function stepsOf({ pipe }: Shape): readonly Step[] {
  if (pipe === undefined) return [];
  const [first, ...steps] = pipe;
  return [...stepsOf(first), ...steps.filter(({ kind }) => kind === 'validation')];
}
