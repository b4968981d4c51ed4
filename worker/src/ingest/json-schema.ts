import { toJsonSchema } from '@valibot/to-json-schema';
import { report } from '../../../contract/report/allowlist.ts';

/** `GET /v1/schema.json`: the allowlist itself, with what each field is collected for. */
export function writeJsonSchema(): string {
  const schema = toJsonSchema(report, { target: 'draft-2020-12', ignoreActions: ['check'] });
  return `${JSON.stringify({ ...schema, title: 'codegraph telemetry report' }, null, 2)}\n`;
}
