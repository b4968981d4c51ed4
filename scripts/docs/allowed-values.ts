import { headingOf } from './closed-lists.ts';
import { code, formatNumber } from './markdown.ts';
import { type Shape, stepsOf, unwrap } from './shape.ts';

/** A field's type and the values it may have, in words. */
export function describeValues(shape: Shape): string {
  const words = describe(unwrap(shape));
  return shape.type === 'optional' ? `${words}; may be left out` : words;
}

function describe(shape: Shape): string {
  switch (shape.type) {
    case 'string':
      return `string: ${patternOf(shape).words}`;
    case 'number':
      return `integer, ${describeBounds(shape, 'value')}`;
    case 'boolean':
      return 'boolean';
    case 'literal':
      return code(shape.literal);
    case 'picklist':
      return `string: one of [${headingOf(shape.options)}](#${anchorOf(headingOf(shape.options))})`;
    case 'union':
      return shape.options.map(describe).join(', or ');
    case 'array':
      return `list of ${describeBounds(shape, 'length')}; each a ${describe(shape.item)}`;
    case 'optional':
    case 'strict_object':
    case 'variant':
      throw new Error(`A field is a ${shape.type}, which has a table of its own`);
  }
}

/**
 * `1 to 100`, from the bounds of a number or of a list's length.
 *
 * @throws Error when there is no upper bound.
 */
export function describeBounds(shape: Shape, of: 'value' | 'length'): string {
  const most = findBound(shape, `max_${of}`);
  if (most === undefined) throw new Error(`A ${shape.type} of the allowlist has no upper bound`);
  return `${formatNumber(findBound(shape, `min_${of}`) ?? 0)} to ${formatNumber(most)}`;
}

/** The outermost of its kind: that is the narrowest. */
function findBound(shape: Shape, type: string): number | undefined {
  return stepsOf(shape).findLast((step) => step.type === type)?.requirement as number | undefined;
}

/** A pattern that strings have to match: its name on the page, and the pattern itself. */
export interface Pattern {
  readonly words: string;
  readonly source: string;
}

/** @throws Error for a string without a pattern: that would be a free string. */
export function patternOf(shape: Shape): Pattern {
  const step = stepsOf(shape).find(({ type }) => type === 'regex');
  if (!(step?.requirement instanceof RegExp) || step.message === undefined) {
    throw new Error('A string of the allowlist has no named pattern');
  }
  // The allowlist's message says what a wrong string is: `not a UUIDv4`.
  return { words: step.message.replace(/^not /, ''), source: String(step.requirement) };
}

function anchorOf(heading: string): string {
  return heading.toLowerCase().replaceAll(' ', '-');
}
