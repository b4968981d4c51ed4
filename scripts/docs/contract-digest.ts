import { createHash } from 'node:crypto';
import { toJsonSchema } from '@valibot/to-json-schema';
import { report } from '../../contract/report/allowlist.ts';

// Words about a field may change without a change of what is collected.
const words = ['description', 'why', 'example'];

/** Stands for all that can leave: changes with every field, value, pattern and bound. */
export function digestContract(): string {
  const schema = toJsonSchema(report, { target: 'draft-2020-12' });
  const text = JSON.stringify(schema, (key, value: unknown) =>
    words.includes(key) ? undefined : value,
  );
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
