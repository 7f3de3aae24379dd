/**
 * Flow runs under two names: Prefect's server makes their ids itself, while ours are known before anybody was asked.
 *
 * Inside the process the run has our id; requests and answers are translated here. Another process finds the run by the key
 * under which it was made (`idempotency_key`), which is our id unless the user gave a key of their own.
 */

import type { FlowRun } from '../../../core/flow-run.ts';
import type { FlowRunId } from '../../../core/ids.ts';
import type { KnownFlowRun } from './task-events.ts';

/** A process that lives long and starts many runs does not remember them all; the server finds the rest. */
const KNOWN_MAX = 20_000;

export class RunIds {
  readonly #known = new Map<FlowRunId, KnownFlowRun>();
  readonly #own = new Map<string, FlowRunId>();

  /** @param run as the server gave it, under its id */
  learn(own: FlowRunId, run: FlowRun): void {
    if (this.#known.size >= KNOWN_MAX) this.#forgetOldest();
    this.#known.set(own, { remoteId: run.id, name: run.name, flowId: run.flowId, flowName: run.flowName });
    if (own !== run.id) this.#own.set(run.id, own);
  }

  known(id: FlowRunId): KnownFlowRun | null {
    return this.#known.get(id) ?? null;
  }

  /** An id that nobody has a second name for is the server's own. */
  remote(id: FlowRunId): string {
    return this.#known.get(id)?.remoteId ?? id;
  }

  own(remoteId: string): FlowRunId {
    return this.#own.get(remoteId) ?? (remoteId as FlowRunId);
  }

  /** The run as this process knows it. */
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
