import type { Client } from '../counting/counters.ts';
import { type CallId, readCallId } from './call-id.ts';
import { type CallOutcome, type OpenCalls, type Reply, taskMethods } from './open-calls.ts';

/** An object as it was parsed, or the part of one that is looked at. */
export type Fields = { readonly [key: string]: unknown };

/** What a JSON-RPC message tells of tool calls; everything else in it is passed over unread. */
export interface McpMessage {
  /** Undefined when the message has none that a reply could repeat. */
  readonly id: CallId | undefined;
  readonly method: string | undefined;
  /** `params.name` of a call. */
  readonly tool: string | undefined;
  /** `params.requestId` of a cancellation. */
  readonly requestId: CallId | undefined;
  /** `params.taskId` of a request about a task. */
  readonly taskId: CallId | undefined;
  /** Whether the request has `params.task`, to be answered by one. */
  readonly asksForTask: boolean;
  /** `params.clientInfo` of an `initialize`. */
  readonly client: Client | undefined;
  /** `params._meta["io.modelcontextprotocol/clientInfo"]`. */
  readonly requestClient: Client | undefined;
  /** Undefined when the message is no reply. */
  readonly reply: Reply | undefined;
}

/** A place in a message that is looked at, with the keys below it that are. */
export type Place = ReadonlyMap<string, Place>;

const requestClientKey = 'io.modelcontextprotocol/clientInfo';

const value: Place = new Map();

/** The place of an id, which must be matched exactly, however long it is. */
export const idPlace: Place = new Map();

const client = placeWith({ name: value, version: value });

/** All that `readMessage` looks at: a message without the rest reads the same. */
export const messagePlace = placeWith({
  id: idPlace,
  method: value,
  params: placeWith({
    name: value,
    requestId: idPlace,
    taskId: idPlace,
    task: value,
    clientInfo: client,
    _meta: placeWith({ [requestClientKey]: client }),
  }),
  result: placeWith({
    isError: value,
    resultType: value,
    taskId: idPlace,
    status: value,
    task: placeWith({ taskId: idPlace }),
  }),
  error: value,
});

function placeWith(below: Readonly<Record<string, Place>>): Place {
  return new Map(Object.entries(below));
}

// Names of the closed lists and versions are well below; what is longer is nobody's, and is not kept.
export const maxTextLength = 256;

/** Stands for a text that is too long to be kept: no list of names has it. */
const tooLong = '\0';

/** Reads a message that was parsed, whole or as far as `messagePlace` goes. */
export function readMessage(message: unknown): McpMessage {
  const { id, method, params, result, error } = fieldsOf(message);
  const { name, requestId, taskId, task, clientInfo, _meta } = fieldsOf(params);
  return {
    id: readCallId(id),
    method: readText(method),
    tool: readText(name),
    requestId: readCallId(requestId),
    taskId: readCallId(taskId),
    asksForTask: typeof task === 'object' && task !== null,
    client: readClient(clientInfo),
    requestClient: readClient(fieldsOf(_meta)[requestClientKey]),
    // A message with a method is a request, even under the id of an open call. Some libraries write
    // every field that they have, and `null` for one that is not set.
    reply: method === undefined || method === null ? readReply(result, error) : undefined,
  };
}

/** Notes a message from the client. */
export function noteRequest(calls: OpenCalls, message: McpMessage): void {
  const { id, method, requestId, taskId } = message;
  if (method === 'notifications/cancelled') {
    if (requestId !== undefined) calls.cancel(requestId);
    return;
  }
  // Without an id it is a notification, which gets no reply.
  if (id === undefined) return;
  if (method === 'initialize') calls.initialize(id, message.client);
  if (method === 'tools/call')
    calls.open(id, message.tool, message.requestClient, message.asksForTask);
  const taskMethod = taskMethods.find((name) => name === method);
  if (taskMethod !== undefined && taskId !== undefined) calls.askForTask(id, taskMethod, taskId);
}

function readReply(result: unknown, error: unknown): Reply | undefined {
  const outcome = readOutcome(result, error);
  if (outcome === undefined) return undefined;
  const { status, task, taskId } = fieldsOf(result);
  // Most replies are about no task, and an outcome is all that there is of them.
  if (task === undefined && taskId === undefined) return { outcome };
  return {
    outcome,
    taskId: readCallId(taskId) ?? readCallId(fieldsOf(task)['taskId']),
    taskStatus: readText(status),
  };
}

function readOutcome(result: unknown, error: unknown): CallOutcome | undefined {
  if (error !== undefined && error !== null) return 'error';
  if (result === undefined) return undefined;
  const { isError, resultType } = fieldsOf(result);
  if (isError === true) return 'error';
  return resultType === 'input_required' ? 'input_required' : 'ok';
}

function readText(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  return text.length > maxTextLength ? tooLong : text;
}

/** A client that says its name; what else it says is not looked at. */
function readClient(info: unknown): Client | undefined {
  const { name, version } = fieldsOf(info);
  const text = readText(name);
  return text === undefined || text === '' ? undefined : { name: text, version: readText(version) };
}

function fieldsOf(from: unknown): Fields {
  return typeof from === 'object' && from !== null ? (from as Fields) : {};
}
