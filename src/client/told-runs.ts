/**
 * The flow runs that this process holds, with the states that were stored: what to write again when the store is
 * replaced by an older one, restored from a backup.
 */

import type { FlowRun } from '../core/flow-run.ts';
import type { FlowRunId } from '../core/ids.ts';
import { isTerminal, type State } from '../core/state.ts';

export interface ToldRun {
  readonly run: FlowRun;
  /** Oldest first, as far as this process has seen them; the last one is the run's state. */
  readonly states: readonly State[];
}

/** Bound for a run that waits for its next attempt again and again: the oldest go first, but not the very first. */
const STATES_MAX = 200;

export class ToldRuns {
  readonly #runs = new Map<FlowRunId, { run: FlowRun; readonly states: State[] }>();

  get(id: FlowRunId): FlowRun | null {
    return this.#runs.get(id)?.run ?? null;
  }

  /** The states of a run that this process holds; empty for others. */
  statesOf(id: FlowRunId): readonly State[] {
    return [...(this.#runs.get(id)?.states ?? [])];
  }

  all(): readonly ToldRun[] {
    return [...this.#runs.values()];
  }

  /** Remembers the run's current state. @returns whether this process still holds the run */
  keep(run: FlowRun): boolean {
    if (run.lease === null || isTerminal(run.state)) {
      this.#runs.delete(run.id);
      return false;
    }
    const known = this.#runs.get(run.id);
    if (known === undefined) this.#runs.set(run.id, { run, states: [run.state] });
    else {
      known.run = run;
      if (known.states.at(-1)?.id !== run.state.id) known.states.push(run.state);
      if (known.states.length > STATES_MAX) known.states.splice(1, 1);
    }
    return true;
  }
}
