import { foldClientName, foldClientVersion, foldName } from '../../contract/fold.ts';
import { maxOpenCalls } from '../../contract/limits.ts';
import type { Telemetry } from '../telemetry.ts';
import type { Client } from '../counting/counters.ts';
import type { CallId } from './call-id.ts';
import { OpenTasks } from './open-tasks.ts';

/** How a call ended. `input_required` is no end: the client asks again, under a new id. */
export type CallOutcome = 'ok' | 'error' | 'input_required';

/** What a reply tells. */
export interface Reply {
  readonly outcome: CallOutcome;
  /** Of the task that it is about; undefined when it names none. */
  readonly taskId?: CallId | undefined;
  /** The state of that task. */
  readonly taskStatus?: string | undefined;
}

/** What is known of a call. Calls that are alike share it: an open one takes no more than its id. */
export interface ToolCall {
  readonly kind: 'tools/call';
  readonly tool: string;
  /** Who the request itself says it is from. */
  readonly ownClient: Client | undefined;
  /** Who was known to be on the transport when the call came. */
  readonly transportClient: Client | undefined;
  /** The client asked for a task in the place of a result. */
  readonly asksForTask: boolean;
  readonly isCancelled: boolean;
}

interface Introduction {
  readonly kind: 'initialize';
  readonly client: Client | undefined;
}

/** The requests that tell how a task goes. */
export const taskMethods = ['tasks/result', 'tasks/get', 'tasks/cancel'] as const;
export type TaskMethod = (typeof taskMethods)[number];

interface TaskRequest {
  readonly kind: TaskMethod;
  readonly taskId: CallId;
}

/** A request that waits for its reply. */
export type OpenRequest = ToolCall | Introduction | TaskRequest;

/** What is needed of a telemetry. */
export type CountingTelemetry = Pick<Telemetry, 'count'> & Partial<Pick<Telemetry, 'drop'>>;

// A client calls a dozen tools, and behind a bridge there are a few clients.
const maxSharedCalls = 200;

// A task may outlive the connection that it was asked for on, and where each request has a transport
// of its own it always does: those of one telemetry share their tasks.
const tasksOf = new WeakMap<object, OpenTasks>();

/**
 * The tool calls of one transport that have no reply yet. A call is counted when its reply is on
 * the wire, and only then: one that never got a reply was never done. Nothing of a call is kept but
 * its id, and tool and client in words of the closed lists.
 */
export class OpenCalls {
  readonly #telemetry: CountingTelemetry;
  readonly #tasks: OpenTasks;
  /** By id; requests under one id are answered in the order in which they came. */
  readonly #requests = new Map<CallId, OpenRequest | OpenRequest[]>();
  #size = 0;
  #client: Client | undefined;
  /** Calls of the client that is on the transport. */
  readonly #shared = new Map<string, ToolCall>();

  constructor(telemetry: CountingTelemetry) {
    this.#telemetry = telemetry;
    this.#tasks = tasksOf.get(telemetry) ?? new OpenTasks();
    tasksOf.set(telemetry, this.#tasks);
  }

  /** Whether no reply could be to anything here. */
  get isIdle(): boolean {
    return this.#size === 0;
  }

  /** A client introduces itself; it has a name once the server has agreed. */
  initialize(id: CallId, client: Client | undefined): void {
    this.#add(id, { kind: 'initialize', client: foldClient(client) });
  }

  /** A call came in; `client` is who the request itself says it is from. */
  open(
    id: CallId,
    tool: string | undefined,
    client: Client | undefined,
    asksForTask = false,
  ): void {
    const ownClient = foldClient(client);
    const name = foldName('mcp_tool', tool);
    this.#add(id, this.#share({ tool: name, ownClient, asksForTask }));
  }

  /** The client asks for a task, or to have it cancelled. */
  askForTask(id: CallId, method: TaskMethod, taskId: CallId): void {
    if (method === 'tasks/cancel') this.#tasks.setWanted(taskId, false);
    this.#add(id, { kind: method, taskId });
  }

  /** The client wants no reply. Most servers send none then; one that does has done the work. */
  cancel(id: CallId): void {
    const found = this.#find(id);
    const requests = this.#requestsOf(found);
    const at = requests.findIndex(
      (request) => request.kind === 'tools/call' && !request.isCancelled,
    );
    const call = requests[at];
    if (call?.kind === 'tools/call')
      this.#set(found, requests.with(at, { ...call, isCancelled: true }));
  }

  /** Takes out what a reply under `id` answers; undefined when it answers nothing here. */
  take(id: CallId): OpenRequest | undefined {
    const found = this.#find(id);
    const requests = this.#requests.get(found);
    if (requests === undefined) return undefined;
    this.#size -= 1;
    if (Array.isArray(requests) && requests.length > 1) return requests.shift();
    this.#requests.delete(found);
    return Array.isArray(requests) ? requests[0] : requests;
  }

  /** The reply to what was taken is on the wire. */
  finish(request: OpenRequest, reply: Reply): void {
    switch (request.kind) {
      case 'initialize':
        if (reply.outcome === 'ok') this.#meet(request.client);
        break;
      case 'tools/call':
        this.#finishCall(request, reply);
        break;
      case 'tasks/result':
        this.#finishTask(request.taskId, reply.outcome);
        break;
      case 'tasks/get':
        this.#noteTask(request.taskId, reply);
        break;
      case 'tasks/cancel':
        if (reply.outcome === 'error') this.#tasks.setWanted(request.taskId, true);
        this.#noteTask(request.taskId, reply);
    }
  }

  /** The reply to what was taken was lost; another one may come. */
  putBack(id: CallId, request: OpenRequest): void {
    this.#set(id, [request, ...this.#requestsOf(id)]);
    this.#size += 1;
    if (this.#size > maxOpenCalls) this.#dropOldest();
  }

  /** The transport was closed: nothing more will be answered, and whoever comes is unknown. */
  close(): void {
    this.#requests.clear();
    this.#size = 0;
    this.#meet(undefined);
  }

  #finishCall(call: ToolCall, { outcome, taskId }: Reply): void {
    if (outcome === 'input_required') return;
    const isEnd = !call.asksForTask || outcome === 'error';
    if (isEnd || taskId === undefined) this.#count(call, outcome);
    else if (this.#tasks.open(taskId, call)) this.#telemetry.drop?.();
  }

  /** One that is `completed` has its outcome in its result. */
  #noteTask(taskId: CallId, { taskStatus }: Reply): void {
    if (taskStatus === 'cancelled') this.#tasks.take(taskId);
    if (taskStatus === 'failed') this.#finishTask(taskId, 'error');
  }

  /** A task that ends badly while it is to be cancelled was cancelled. */
  #finishTask(taskId: CallId, outcome: CallOutcome): void {
    if (outcome === 'input_required') return;
    const isWanted = this.#tasks.isWanted(taskId);
    const call = this.#tasks.take(taskId);
    if (call !== undefined && (isWanted || outcome === 'ok')) this.#count(call, outcome);
  }

  #count(call: ToolCall, outcome: CallOutcome): void {
    // A client may send its first call along with `initialize`, before it is agreed who it is.
    const client = call.ownClient ?? call.transportClient ?? this.#client;
    this.#telemetry.count('mcp_tool', call.tool, { ok: outcome === 'ok', client });
  }

  #meet(client: Client | undefined): void {
    this.#client = client;
    this.#shared.clear();
  }

  #share(call: Pick<ToolCall, 'tool' | 'ownClient' | 'asksForTask'>): ToolCall {
    const key = `${call.tool} ${call.asksForTask} ${call.ownClient?.name} ${call.ownClient?.version}`;
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    if (this.#shared.size === maxSharedCalls) this.#shared.clear();
    const transportClient = this.#client;
    const shared = { kind: 'tools/call', ...call, transportClient, isCancelled: false } as const;
    this.#shared.set(key, shared);
    return shared;
  }

  #add(id: CallId, request: OpenRequest): void {
    this.#size += 1;
    const others = this.#requests.get(id);
    // Thousands may be open under one id: the list is not made anew for each.
    if (Array.isArray(others) && !others.some(isGivenUp)) others.push(request);
    else {
      // An id that is in use again belongs to no call that was cancelled.
      const all = this.#requestsOf(id);
      const wanted = all.filter((other) => !isGivenUp(other));
      this.#set(id, [...wanted, request]);
      this.#size -= all.length - wanted.length;
    }
    if (this.#size > maxOpenCalls) this.#dropOldest();
  }

  #dropOldest(): void {
    const [id] = this.#requests.keys();
    const request = id === undefined ? undefined : this.take(id);
    if (request?.kind === 'tools/call' && !request.isCancelled) this.#telemetry.drop?.();
  }

  /**
   * The id under which a request is open. A server in JavaScript rounds a number that it cannot hold:
   * where none has just these digits, one that is rounded to them is meant.
   */
  #find(id: CallId): CallId {
    const isLarge = typeof id === 'bigint' || (typeof id === 'number' && !Number.isSafeInteger(id));
    if (!isLarge || this.#requests.has(id)) return id;
    for (const other of this.#requests.keys())
      if (typeof other === 'bigint' && Number(other) === Number(id)) return other;
    return id;
  }

  #requestsOf(id: CallId): readonly OpenRequest[] {
    const requests = this.#requests.get(id) ?? [];
    return Array.isArray(requests) ? requests : [requests];
  }

  #set(id: CallId, requests: readonly OpenRequest[]): void {
    const [first, ...others] = requests;
    if (first === undefined) this.#requests.delete(id);
    else this.#requests.set(id, others.length === 0 ? first : [...requests]);
  }
}

function isGivenUp(request: OpenRequest): boolean {
  return request.kind === 'tools/call' && request.isCancelled;
}

/** Folded at once, so that no text of a client's is kept, however long it is. */
function foldClient(client: Client | undefined): Client | undefined {
  if (client === undefined) return undefined;
  const { name, version } = client;
  return {
    name: name === undefined ? undefined : foldClientName(name),
    version: version === undefined ? undefined : foldClientVersion(version),
  };
}
