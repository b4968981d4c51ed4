import * as v from 'valibot';
import { maxCount, maxEventsPerReport, maxLanguages, maxTargets } from '../limits.ts';
import {
  architectures,
  clientNames,
  clientVersionPattern,
  cliNames,
  durationBuckets,
  fileCountBuckets,
  installKinds,
  installScopes,
  languages,
  noonPattern,
  operatingSystems,
  packageVersionPattern,
  targets,
  toolNames,
  uuidPattern,
} from './lists.ts';

/**
 * The allowlist: everything that can leave the machine, and nothing else. TELEMETRY.md and the
 * ingest's JSON Schema are made from these schemas and their descriptions.
 */

/** For each field: what it is, and in `why` what it is collected for. */
interface FieldNotes {
  readonly what: string;
  readonly why: string;
  readonly example: string | number | boolean | readonly string[];
}

function noted<Schema extends v.GenericSchema>(
  schema: Schema,
  { what, why, example }: FieldNotes,
): v.SchemaWithPipe<
  readonly [
    Schema,
    v.DescriptionAction<v.InferOutput<Schema>, string>,
    v.MetadataAction<v.InferOutput<Schema>, { readonly why: string; readonly example: unknown }>,
  ]
> {
  return v.pipe(schema, v.description(what), v.metadata({ why, example }));
}

/** The only form of an id that can leave. */
export const uuid = v.pipe(v.string(), v.regex(uuidPattern, 'not a UUIDv4'));

const packageVersion = v.union([
  v.pipe(v.string(), v.regex(packageVersionPattern, 'not a release or pre-release version')),
  v.literal('other'),
]);

const timestamp = noted(v.pipe(v.string(), v.regex(noonPattern, 'not noon of a UTC day')), {
  what: 'The UTC day of what was counted; the time of day is always noon.',
  why: 'To draw use by day. Finer times would show working hours.',
  example: '2026-11-22T12:00:00.000Z',
});

const eventId = noted(uuid, {
  what: 'Random id of this event, made once when it is sealed into a report.',
  why: 'So that a report that arrives twice is counted once.',
  example: '7b1c6a34-9c0e-4a7f-8f55-0c8d5a1d2e9b',
});

const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(maxCount));

const usageFields = {
  count: noted(v.pipe(count, v.minValue(1)), {
    what: 'How often it was used on that day, over all processes.',
    why: 'To know which features are used, and which can go.',
    example: 60,
  }),
  error_count: noted(count, {
    what: 'How many of these ended in an error; never more than `count`.',
    why: 'To find what fails for users, without asking what they did.',
    example: 2,
  }),
  client_name: v.optional(
    noted(v.picklist(clientNames), {
      what: 'The MCP client, from a closed list; `other` for any that is not on it. Left out where none is known.',
      why: 'To know which agents to test with.',
      example: 'claude-code',
    }),
  ),
  client_version: v.optional(
    noted(v.pipe(v.string(), v.regex(clientVersionPattern, 'not major.minor')), {
      what: 'Major and minor version of that client. Left out where it sent none or something else.',
      why: 'To know when an old client no longer needs support.',
      example: '2.1',
    }),
  ),
};

const usageFieldsByKind = v.variant('kind', [
  v.strictObject({
    kind: noted(v.literal('cli_command'), {
      what: 'A command of the `codegraph` command line.',
      why: 'To tell commands from tools.',
      example: 'cli_command',
    }),
    name: noted(v.picklist(cliNames), {
      what: 'The name of the command, never its arguments.',
      why: 'To know which features are used.',
      example: 'query',
    }),
    ...usageFields,
  }),
  v.strictObject({
    kind: noted(v.literal('mcp_tool'), {
      what: 'A tool of the `codegraph` MCP server.',
      why: 'To tell commands from tools.',
      example: 'mcp_tool',
    }),
    name: noted(v.picklist(toolNames), {
      what: 'The name of the tool, never its arguments or its result; `other` for any that is not ours.',
      why: 'To know which features are used.',
      example: 'codegraph_explore',
    }),
    ...usageFields,
  }),
]);
/**
 * What `usage_rollup` says of one command or one tool on one day: at most as many errors as uses. JSON
 * Schema cannot compare two fields, so the published one says that in words alone.
 */
export const usageProps = v.pipe(
  usageFieldsByKind,
  v.check(({ count: uses, error_count }) => error_count <= uses, 'more errors than uses'),
);
export type UsageProps = v.InferOutput<typeof usageProps>;

const targetList = v.pipe(v.array(v.picklist(targets)), v.maxLength(maxTargets));

export const installProps = v.strictObject({
  targets: noted(targetList, {
    what: 'The agents whose configuration was written.',
    why: 'To know which agents to support.',
    example: ['claude', 'cursor'],
  }),
  scope: noted(v.picklist(installScopes), {
    what: 'For the user (`global`) or for one project (`local`).',
    why: 'To know which kind of set-up to test.',
    example: 'global',
  }),
  kind: noted(v.picklist(installKinds), {
    what: 'First install, a new version, or the same again.',
    why: 'To tell growth from repetition.',
    example: 'fresh',
  }),
});

export const indexProps = v.strictObject({
  languages: noted(
    v.pipe(v.array(v.picklist(languages)), v.minLength(1), v.maxLength(maxLanguages)),
    {
      what: 'Programming languages found in the indexed project, by name.',
      why: 'To know which parsers matter.',
      example: ['typescript', 'python'],
    },
  ),
  file_count_bucket: noted(v.picklist(fileCountBuckets), {
    what: 'Size class of the project; the number itself is not kept.',
    why: 'To know the sizes that indexing must be fast for.',
    example: '100-1k',
  }),
  duration_bucket: noted(v.picklist(durationBuckets), {
    what: 'How long indexing took, as a class; the time itself is not kept.',
    why: 'To see whether indexing is fast enough.',
    example: '<10s',
  }),
});

export const uninstallProps = v.strictObject({
  targets: noted(targetList, {
    what: 'The agents whose configuration was removed.',
    why: 'To see which agents people give up on.',
    example: ['cursor'],
  }),
});

function event<const Name extends string, Props extends v.GenericSchema>(
  name: Name,
  props: Props,
  what: string,
): v.StrictObjectSchema<
  {
    readonly event: v.LiteralSchema<Name, undefined>;
    readonly ts: typeof timestamp;
    readonly event_id: typeof eventId;
    readonly props: v.SchemaWithPipe<
      readonly [Props, v.DescriptionAction<v.InferOutput<Props>, string>]
    >;
  },
  undefined
> {
  return v.strictObject({
    event: v.literal(name),
    ts: timestamp,
    event_id: eventId,
    props: v.pipe(props, v.description(what)),
  });
}

/** One event, of the only four kinds there are. */
export const reportEvent = v.variant('event', [
  event('usage_rollup', usageProps, 'One command or tool, on one day, from all processes.'),
  event('index', indexProps, 'A project was indexed by `init` or `index`.'),
  event('install', installProps, 'Agents were configured to use codegraph.'),
  event('uninstall', uninstallProps, 'Agents were configured to use codegraph no longer.'),
]);
export type ReportEvent = v.InferOutput<typeof reportEvent>;

export const schemaVersion = 3;

/** What is said of the machine, once a report. */
export const envelope = v.strictObject({
  machine_id: noted(uuid, {
    what: 'A random number, new in each calendar month, that stands for this installation.',
    why: 'To tell many users from one busy user.',
    example: 'e0f087a2-15fa-4a29-b614-2d43b12089a9',
  }),
  codegraph_version: noted(packageVersion, {
    what: 'Version of codegraph; `other` for what is not a published form of version.',
    why: 'To know which versions are in use.',
    example: '1.6.1',
  }),
  os: noted(v.picklist(operatingSystems), {
    what: 'Operating system, as Node names it.',
    why: 'To know what to test on.',
    example: 'linux',
  }),
  arch: noted(v.picklist(architectures), {
    what: 'Processor architecture, as Node names it.',
    why: 'To know what to build for.',
    example: 'x64',
  }),
  node_major: noted(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(99)), {
    what: 'Major version of Node.',
    why: 'To know when an old Node can be dropped.',
    example: 24,
  }),
  ci: noted(v.boolean(), {
    what: 'Whether the `CI` environment variable is set, to anything except `0` or `false`.',
    why: 'To keep build machines out of the count of users.',
    example: false,
  }),
});
export type Envelope = v.InferOutput<typeof envelope>;

/** One POST body. */
export const report = v.strictObject({
  ...envelope.entries,
  schema_version: noted(v.literal(schemaVersion), {
    what: 'Version of this list.',
    why: 'So that the receiver reads old reports rightly.',
    example: schemaVersion,
  }),
  batch_id: noted(uuid, {
    what: 'Random id of this report, made once when it is sealed.',
    why: 'So that a report that arrives twice is recognised.',
    example: '0f0e7c1e-6d2f-4d0a-9a51-5b8f5f3f7f11',
  }),
  events: v.pipe(v.array(reportEvent), v.minLength(1), v.maxLength(maxEventsPerReport)),
});
export type Report = v.InferOutput<typeof report>;
