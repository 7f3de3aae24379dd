/**
 * A finished task as part of a transaction: its hooks, and the record of what was decided about it.
 *
 * 1. What is decided is recorded before the first hook runs, the end of each hook before the next one begins: whoever goes on
 *    with the run knows which of them have run. A hook that was cut off in the middle runs again, one that has ended never.
 * 2. A hook that throws has ended: it is said and counted, and the others run.
 */

import type { CacheEntry } from '../core/cache-record.ts';
import type { TaskRunId } from '../core/ids.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { thrownText } from '../core/show-value.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import type { Participation, TransactionDecision, TransactionOutcome } from '../core/participation.ts';
import type { ValueRef } from '../core/value.ts';
import { runHook } from './hooks.ts';
import type { LiveTask } from './live-task.ts';
import type { Frame } from './run-context.ts';
import { HookView, type HookFacts, type TransactionHook } from './transaction-hook.ts';

/** What a task computed in a transaction that is not committed. */
export interface Staged {
  readonly entry: CacheEntry;
  readonly value: unknown;
}

export interface ParticipantParts {
  readonly id: TaskRunId;
  readonly name: string;
  readonly onCommit: readonly TransactionHook[];
  readonly onRollback: readonly TransactionHook[];
  readonly participation: Participation;
  /** What its hooks are given. */
  readonly facts: HookFacts;
  /** As `facts`, as they were recorded: what the caller has done to its objects since is no business of the hooks. Absent: they are from the record. */
  readonly asRecorded?: (result: ValueRef | null) => Promise<HookFacts>;
  /** What its hooks run in. */
  readonly frame: Frame;
  /** Its result, by its cache key; `null` when it has none. */
  readonly staged: (Staged & { readonly key: string }) | null;
  /** Opens its record, to write down what is decided. */
  readonly record: () => MaybePromise<LiveTask>;
  /** Makes its result count for others. */
  readonly keep: () => Promise<void>;
  /** Makes sure that its result never counts for others. */
  readonly giveBack: () => Promise<void>;
  readonly onRolledBack: (live: LiveTask) => void;
  /** An earlier attempt of the run committed it. */
  readonly isCommitted: boolean;
}

/** Who decides. */
export interface Deciding {
  readonly ids: readonly string[];
  readonly by: string;
  readonly values: ValueRef | null;
}

export class Participant {
  readonly #parts: ParticipantParts;
  #decision: TransactionDecision | null;

  constructor(parts: ParticipantParts) {
    this.#parts = parts;
    this.#decision = parts.participation.decision;
  }

  get id(): TaskRunId { return this.#parts.id; }
  get staged(): ParticipantParts['staged'] { return this.#parts.staged; }
  get kept(): HookFacts['kept'] { return this.#parts.facts.kept; }
  get hasHooks(): boolean { return this.#parts.onCommit.length + this.#parts.onRollback.length > 0; }
  /** Nothing takes it back any more. */
  get isCommitted(): boolean { return this.#parts.isCommitted || this.#decision?.outcome === 'committed'; }

  keep(): Promise<void> { return this.#parts.keep(); }
  giveBack(): Promise<void> { return this.#parts.giveBack(); }

  /** As this one, whose result never counts for others. */
  uncached(): Participant {
    return new Participant({ ...this.#parts, keep: this.#parts.giveBack });
  }

  /** Records that its transaction is committed. */
  async markCommitted(deciding: Deciding): Promise<void> {
    if (this.#decision === null) await this.#write(begun('committed', deciding, null, this.#parts.onCommit.length));
  }

  /** Runs the commit hooks that have not run. */
  async count(deciding: Deciding): Promise<void> {
    const hooks = this.#parts.onCommit;
    if (hooks.length === 0 && this.#decision === null) return;
    await this.#runFrom(this.#decision ?? begun('committed', deciding, null, hooks.length), hooks, 'commit');
  }

  /** The record first: a process that is killed in between leaves a step that is done again, not one that counts as done although its effect was taken back. */
  async takeBack(deciding: Deciding): Promise<void> {
    const { onRollback, record, giveBack, onRolledBack } = this.#parts;
    if (this.#decision?.outcome !== 'rolled-back') {
      await giveBack();
      await this.#try(async () => {
        const live = await record();
        const { state } = live.run;
        this.#decision = begun('rolled-back', deciding, state.type === 'COMPLETED' ? state.data : null, onRollback.length);
        live.amend({ participation: { ...this.#parts.participation, decision: this.#decision } });
        live.enter({ type: 'COMPLETED', name: 'RolledBack', data: null, message: `${deciding.by} was rolled back.` }, null, true);
        await live.ports.recorder.settle(live.record, live.run.durability);
        onRolledBack(live);
      });
    }
    await this.#runFrom(this.#decision ?? begun('rolled-back', deciding, null, onRollback.length), onRollback, 'rollback');
  }

  /** The attempt that commits did not call it: it is none of its, and nothing undoes it. */
  async leave(deciding: Deciding): Promise<void> {
    if (this.hasHooks) this.#parts.frame.scope.log(LOG_LEVELS.warning, `${this.#parts.name} was finished inside ${deciding.by} by an earlier attempt, and the attempt that commits did not call it: none of its hooks run.`);
    await this.#write(begun('left', deciding, null, 0));
  }

  async #runFrom(decision: TransactionDecision, hooks: readonly TransactionHook[], kind: string): Promise<void> {
    if (decision.isFinished) return;
    if (hooks.length === 0) return;
    const view = new HookView((await this.#parts.asRecorded?.(decision.result)) ?? this.#parts.facts);
    let { hooksFailed } = decision;
    for (let index = decision.hooksDone; index < hooks.length; index += 1) {
      const hook = hooks[index] as TransactionHook;
      if (!(await runHook(() => hook(view), hook, kind, this.#parts.frame))) hooksFailed += 1;
      await this.#write({ ...decision, hooksDone: index + 1, hooksFailed, isFinished: index + 1 === hooks.length });
    }
  }

  async #write(decision: TransactionDecision): Promise<void> {
    this.#decision = decision;
    await this.#try(async () => {
      const live = await this.#parts.record();
      live.amend({ participation: { ...this.#parts.participation, decision } });
      await live.ports.recorder.settle(live.record, live.run.durability);
    });
  }

  /** A record that cannot be written keeps no hook from running: it may run again then, which is said. */
  async #try(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      this.#parts.frame.scope.log(LOG_LEVELS.error, `What was decided about ${this.#parts.name} could not be recorded, so its hooks may run again when the run is continued: ${thrownText(error)}`);
    }
  }
}

function begun(outcome: TransactionOutcome, { ids, by, values }: Deciding, result: ValueRef | null, hooks: number): TransactionDecision {
  return { outcome, ids, by, hooksDone: 0, hooksFailed: 0, isFinished: hooks === 0, values, result };
}
