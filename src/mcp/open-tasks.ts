import { maxOpenCalls } from '../../contract/limits.ts';
import type { CallId } from './call-id.ts';
import type { ToolCall } from './open-calls.ts';

/** Calls that were answered by a task, by its id: how they end is told in later replies. */
export class OpenTasks {
  readonly #calls = new Map<CallId, ToolCall>();
  /** Those whose client wants them to end. */
  readonly #unwanted = new Set<CallId>();

  /** Returns whether another task had to go for it, the oldest. */
  open(id: CallId, call: ToolCall): boolean {
    this.#calls.set(id, call);
    if (this.#calls.size <= maxOpenCalls) return false;
    const [oldest] = this.#calls.keys();
    return oldest !== undefined && this.take(oldest) !== undefined;
  }

  /** Takes out the call of a task that has ended. */
  take(id: CallId): ToolCall | undefined {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    this.#unwanted.delete(id);
    return call;
  }

  isWanted(id: CallId): boolean {
    return !this.#unwanted.has(id);
  }

  /** A wish to cancel, which the server may grant, or refuse for a task that has ended already. */
  setWanted(id: CallId, isWanted: boolean): void {
    if (isWanted) this.#unwanted.delete(id);
    else if (this.#calls.has(id)) this.#unwanted.add(id);
  }
}
