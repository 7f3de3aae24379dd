/**
 * Two ids of a flow run: Prefect's server makes its own, while ours exist before the first request.
 *
 * Inside the process the run has our id; requests and answers are translated here. Another process finds the run by the
 * key under which it was made (`idempotency_key`), which is our id unless the user gave a key of their own.
 */

import type { FlowRun } from '../../../core/flow-run.ts';
import type { FlowRunId } from '../../../core/ids.ts';
import type { KnownFlowRun } from './task-events.ts';

/** Bound of memory; the server finds older runs by their key. */
const KNOWN_MAX = 20_000;

export class RunIds {
  readonly #known = new Map<FlowRunId, KnownFlowRun>();
  readonly #own = new Map<string, FlowRunId>();

  /** @param run as the server sent it, with the server's id */
  learn(own: FlowRunId, run: FlowRun): void {
    if (this.#known.size >= KNOWN_MAX) this.#forgetOldest();
    this.#known.set(own, { remoteId: run.id, name: run.name, flowId: run.flowId, flowName: run.flowName });
    if (own !== run.id) this.#own.set(run.id, own);
  }

  known(id: FlowRunId): KnownFlowRun | null {
    return this.#known.get(id) ?? null;
  }

  /** An id without a second one is the server's own. */
  remote(id: FlowRunId): string {
    return this.#known.get(id)?.remoteId ?? id;
  }

  own(remoteId: string): FlowRunId {
    return this.#own.get(remoteId) ?? (remoteId as FlowRunId);
  }

  /** The run with our id. */
  translated(run: FlowRun): FlowRun {
    const id = this.own(run.id);
    return id === run.id ? run : { ...run, id };
  }

  #forgetOldest(): void {
    const oldest = this.#known.entries().next().value;
    if (oldest === undefined) return;
    this.#known.delete(oldest[0]);
    this.#own.delete(oldest[1].remoteId);
  }
}
