/**
 * A finished task as part of a transaction: its hooks, and the record of what was decided about it.
 *
 * 1. What is decided is recorded before the first hook runs, the end of each hook before the next one begins: whoever
 *    goes on with the run knows which of them have run. A hook that was cut off in the middle runs again, one that has
 *    ended never.
 * 2. A hook that throws has ended: it is said and counted, and the others run.
 * 3. Hooks that nobody has stay due, which the state of the task run says.
 */

import type { CacheEntry } from '../core/cache-record.ts';
import type { OstinatoError } from '../core/errors.ts';
import type { TaskRunId } from '../core/ids.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { thrownText } from '../core/show-value.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import {
  COMMIT_INCOMPLETE,
  ROLLBACK_INCOMPLETE,
  ROLLED_BACK,
  type Participation,
  type TransactionDecision,
  type TransactionOutcome,
} from '../core/participation.ts';
import type { ProposedState, State } from '../core/state.ts';
import type { ValueRef } from '../core/value.ts';
import type { HookMark } from './hook-mark.ts';
import { runHook } from './hooks.ts';
import type { LiveTask } from './live-task.ts';
import { commitIncomplete, hookMissing, rollbackIncomplete } from './missing-hooks.ts';
import type { Frame } from './run-context.ts';
import { HookView, type HookFacts, type TransactionHook } from './transaction-hook.ts';

/** A result computed in a transaction that is not committed yet. */
export interface Staged {
  readonly entry: CacheEntry;
  readonly value: unknown;
}

export interface ParticipantParts {
  readonly id: TaskRunId;
  readonly name: string;
  readonly onCommit: readonly TransactionHook[];
  readonly onRollback: readonly TransactionHook[];
  /** The task has hooks that nobody knows; `null`: all are here. */
  readonly missing: HookMark | null;
  readonly participation: Participation;
  /** What its hooks get. */
  readonly facts: HookFacts;
  /**
   * `facts` as they were recorded: hooks must not see what the caller changed in its objects since. Absent: `facts` are
   * read from the record.
   */
  readonly asRecorded?: (result: ValueRef | null) => Promise<HookFacts>;
  /** The frame that its hooks run in. */
  readonly frame: Frame;
  /** Its result and cache key; `null` when it is not cached. */
  readonly staged: (Staged & { readonly key: string }) | null;
  /** Opens its record, to write what is decided. */
  readonly record: () => MaybePromise<LiveTask>;
  /** Makes its result usable for others. */
  readonly keep: () => Promise<void>;
  /** Makes sure that its result is never used by others. */
  readonly giveBack: () => Promise<void>;
  readonly onRolledBack: (live: LiveTask) => void;
  /** An earlier attempt of the run committed this task. */
  readonly isCommitted: boolean;
}

/** The transaction that decides. */
export interface Deciding {
  readonly ids: readonly string[];
  readonly by: string;
  readonly values: ValueRef | null;
}

export class Participant {
  readonly #parts: ParticipantParts;
  #decision: TransactionDecision | null;
  #entered: State | null = null;

  constructor(parts: ParticipantParts) {
    this.#parts = parts;
    this.#decision = parts.participation.decision;
  }

  get id(): TaskRunId {
    return this.#parts.id;
  }
  get staged(): ParticipantParts['staged'] {
    return this.#parts.staged;
  }
  get kept(): HookFacts['kept'] {
    return this.#parts.facts.kept;
  }
  /** The newest state that was entered here; `null` for none. */
  get entered(): State | null {
    return this.#entered;
  }
  /** As it is on the record. */
  get participation(): Participation {
    return { ...this.#parts.participation, decision: this.#decision };
  }
  get hasHooks(): boolean {
    return this.#parts.missing !== null || this.#parts.onCommit.length + this.#parts.onRollback.length > 0;
  }
  /** Whether it is committed: nothing takes it back any more. */
  get isCommitted(): boolean {
    return this.#parts.isCommitted || this.#decision?.outcome === 'committed';
  }

  keep(): Promise<void> {
    return this.#parts.keep();
  }
  giveBack(): Promise<void> {
    return this.#parts.giveBack();
  }

  /** A copy of this participant whose result is never used by others. */
  uncached(): Participant {
    return new Participant({ ...this.#parts, keep: this.#parts.giveBack });
  }

  /** Records that its transaction is committed. */
  async markCommitted(deciding: Deciding): Promise<void> {
    if (this.#decision === null) await this.#write(this.#committed(deciding));
  }

  #committed(deciding: Deciding): TransactionDecision {
    const { missing, onCommit } = this.#parts;
    return begun('committed', deciding, null, missing?.hasCommit ? 1 : onCommit.length);
  }

  /** Runs the commit hooks that have not run. */
  async count(deciding: Deciding): Promise<void> {
    const { onCommit: hooks, missing } = this.#parts;
    if (missing?.hasCommit)
      return await this.#sayMissing('commit', missing, this.#decision ?? this.#committed(deciding));
    if (hooks.length === 0 && this.#decision === null) return;
    await this.#runFrom(this.#decision ?? this.#committed(deciding), hooks, 'commit');
    await this.#moveOn(COMMIT_INCOMPLETE, ({ run }) => ({
      type: 'COMPLETED',
      data: run.state.type === 'COMPLETED' ? run.state.data : null,
      message: 'The commit hooks have run.',
    }));
  }

  /**
   * Records the rollback before the hooks run: if the process is killed in between, the step is done again. The other
   * way round it would count as done although its effect was taken back.
   */
  async takeBack(deciding: Deciding): Promise<void> {
    const { onRollback, missing, record, giveBack, onRolledBack } = this.#parts;
    const hooks = missing?.hasRollback ? 1 : onRollback.length;
    if (this.#decision?.outcome !== 'rolled-back') {
      await giveBack();
      await this.#try(async () => {
        const live = await record();
        const { state } = live.run;
        this.#decision = begun('rolled-back', deciding, state.type === 'COMPLETED' ? state.data : null, hooks);
        live.amend({ participation: { ...this.#parts.participation, decision: this.#decision } });
        live.enter(
          missing?.hasRollback
            ? rollbackIncomplete(this.#missed('rollback', deciding.by, missing))
            : rolledBackBy(deciding),
          null,
          true,
        );
        this.#entered = live.run.state;
        await live.ports.recorder.settle(live.record, live.run.durability);
        onRolledBack(live);
      });
    }
    const decision = this.#decision ?? begun('rolled-back', deciding, null, hooks);
    if (missing?.hasRollback) return await this.#sayMissing('rollback', missing, decision);
    await this.#runFrom(decision, onRollback, 'rollback');
    await this.#moveOn(ROLLBACK_INCOMPLETE, () => rolledBackBy(deciding));
  }

  /** Says in the state that hooks are due which nobody has. */
  async #sayMissing(kind: 'commit' | 'rollback', missing: HookMark, decision: TransactionDecision): Promise<void> {
    if (decision.isFinished) return;
    const { frame, participation, record } = this.#parts;
    const error = this.#missed(kind, decision.by, missing);
    frame.scope.log(LOG_LEVELS.error, `${error.message} ${error.remedy ?? ''}`);
    this.#decision = decision;
    await this.#try(async () => {
      const live = await record();
      const { state } = live.run;
      live.amend({ participation: { ...participation, decision } });
      if (kind === 'rollback' && state.name !== ROLLBACK_INCOMPLETE) live.enter(rollbackIncomplete(error), null, true);
      if (kind === 'commit' && state.type === 'COMPLETED' && state.name !== COMMIT_INCOMPLETE)
        live.enter(commitIncomplete(error, state.data), null, true);
      await live.ports.recorder.settle(live.record, live.run.durability);
    });
  }

  #missed(kind: 'commit' | 'rollback', by: string, missing: HookMark): OstinatoError {
    return hookMissing(kind, this.#parts.name, by, missing);
  }

  /** The hooks that an earlier attempt missed have run. */
  async #moveOn(from: string, to: (live: LiveTask) => ProposedState): Promise<void> {
    if (!this.#decision?.isFinished) return;
    await this.#try(async () => {
      const live = await this.#parts.record();
      if (live.run.state.name !== from) return;
      live.enter(to(live), null, true);
      this.#entered = live.run.state;
      await live.ports.recorder.settle(live.record, live.run.durability);
    });
  }

  /** The attempt that commits did not call this task: it leaves the transaction, and nothing undoes it. */
  async leave(deciding: Deciding): Promise<void> {
    if (this.hasHooks)
      this.#parts.frame.scope.log(
        LOG_LEVELS.warning,
        `${this.#parts.name} was finished inside ${deciding.by} by an earlier attempt, and the attempt that commits did not call it: none of its hooks run.`,
      );
    await this.#write(begun('left', deciding, null, 0));
  }

  async #runFrom(decision: TransactionDecision, hooks: readonly TransactionHook[], kind: string): Promise<void> {
    if (decision.isFinished) return;
    // The code may have fewer hooks now than ended before.
    if (decision.hooksDone >= hooks.length) return await this.#write({ ...decision, isFinished: true });
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

  /** Writes the record, and logs a failure: hooks run even when it cannot be written, and may then run again. */
  async #try(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      this.#parts.frame.scope.log(
        LOG_LEVELS.error,
        `What was decided about ${this.#parts.name} could not be recorded, so its hooks may run again when the run is continued: ${thrownText(error)}`,
      );
    }
  }
}

function rolledBackBy({ by }: Deciding): ProposedState {
  return { type: 'COMPLETED', name: ROLLED_BACK, data: null, message: `${by} was rolled back.` };
}

function begun(
  outcome: TransactionOutcome,
  { ids, by, values }: Deciding,
  result: ValueRef | null,
  hooks: number,
): TransactionDecision {
  return { outcome, ids, by, hooksDone: 0, hooksFailed: 0, isFinished: hooks === 0, values, result };
}
