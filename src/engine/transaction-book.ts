/**
 * Transactions of earlier attempts of a flow run, and how they are finished.
 *
 * 1. A decision that was recorded is carried out before the body runs: first the hooks that have not run, then nothing
 *    else remains of it. Committed stays committed; what was rolled back is done again as if it had never been.
 * 2. Where no decision was recorded, the transaction is still open: the attempt takes its finished steps over and
 *    decides.
 * 3. Steps in subflows count, which have a list of their own.
 */

import type { FlowRunId, TaskRunId } from '../core/ids.ts';
import { LOG_LEVELS } from '../core/log.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import type { Participation } from '../core/participation.ts';
import type { State } from '../core/state.ts';
import type { RecordedStep } from '../core/task-run.ts';
import { thrownText } from '../core/show-value.ts';
import type { ValueRef } from '../core/value.ts';
import { decidingOn } from './deciding.ts';
import type { TaskDefinition } from './definitions.ts';
import { findHooks } from './hook-book.ts';
import { loadValues, NO_VALUES, type Kept } from './kept-values.ts';
import type { OpenTransaction } from './open-transaction.ts';
import type { Participant } from './participant.ts';
import type { EnginePorts } from './ports.ts';
import { recall } from './recalled-task.ts';
import type { Frame } from './run-context.ts';
import { hasHooks, rememberSteps, stands, started, type Ended, type Remembered } from './remembered.ts';
import type { Around } from './transaction-hook.ts';

export class TransactionBook {
  readonly #ports: EnginePorts;
  readonly #all: readonly Remembered[];
  readonly #ended = new Map<
    string,
    { readonly how: Ended; readonly by: string; readonly ids: readonly string[]; readonly values: ValueRef | null }
  >();
  /** Transactions that this attempt continues. */
  readonly #claimed = new Set<string>();
  /** Places of transactions of this attempt that ended without taking over a step of an earlier one. */
  readonly #endedPlaces = new Map<string, boolean>();
  /**
   * Tasks whose hooks nothing that is defined yet is known to be: those that bodies give are there when the body of
   * this attempt calls the task.
   */
  readonly #waiting = new Map<TaskRunId, Remembered>();

  readonly #byAround = new Map<FlowRunId | TaskRunId, Remembered[]>();
  readonly #byId: Map<TaskRunId, Remembered>;

  private constructor(ports: EnginePorts, all: readonly Remembered[]) {
    this.#byId = new Map(all.map((each) => [each.step.id, each]));
    for (const each of all)
      for (const id of each.around) {
        const known = this.#byAround.get(id);
        if (known) known.push(each);
        else this.#byAround.set(id, [each]);
      }
    this.#ports = ports;
    this.#all = all;
    for (const {
      participation: { decision },
    } of all) {
      if (decision === null || decision.outcome === 'left') continue;
      for (const id of decision.ids) {
        const known = this.#ended.get(id);
        this.#ended.set(id, {
          how: decision.outcome,
          by: decision.by,
          ids: decision.ids,
          values: known?.values ?? decision.values,
        });
      }
    }
  }

  /** `null` when no step has been inside a transaction. */
  static async load(ports: EnginePorts, steps: readonly RecordedStep[]): Promise<TransactionBook | null> {
    const all = await rememberSteps(ports, steps);
    return all.length === 0 ? null : new TransactionBook(ports, all);
  }

  isCommitted(id: string): boolean {
    return this.#ended.get(id)?.how === 'committed';
  }

  /** @param depth transactions around the flow run itself */
  isRolledBack(within: readonly string[], depth: number): boolean {
    return within.slice(depth).some((id) => this.#ended.get(id)?.how === 'rolled-back');
  }

  claim(id: string): void {
    this.#claimed.add(id);
  }

  isClaimed(id: string): boolean {
    return this.#claimed.has(id);
  }

  /** A transaction of this attempt has taken the step over, and decides about it. */
  took(id: TaskRunId): void {
    this.#byId.delete(id);
  }

  /** A transaction of this attempt ended, and none of its steps identified the earlier transaction. */
  endedAt(place: string, isRolledBack: boolean): void {
    this.#endedPlaces.set(place, isRolledBack || this.#endedPlaces.get(place) === true);
  }

  /**
   * Carries out what was decided. Returns whether there was anything to do: then the list of steps has to be read
   * again.
   *
   * @param depth transactions around the flow run itself: theirs is not this flow's business
   */
  async finish(frame: Frame, depth: number): Promise<boolean> {
    const pending = this.#all.filter((each) => this.#isPending(each, depth));
    if (pending.length === 0) return false;
    const busy = pending
      .flatMap(({ participation }) => participation.within)
      .flatMap((id) => decidingOn(this.#ports).get(id) ?? []);
    if (busy.length > 0) {
      await Promise.all(busy);
      return true;
    }
    const [taken, counted] = [
      pending.filter((each) => this.#howEnded(each, depth) === 'rolled-back'),
      pending.filter((each) => this.#howEnded(each, depth) === 'committed'),
    ];
    frame.scope.log(
      LOG_LEVELS.info,
      `An earlier attempt decided about ${pending.length} ${pending.length === 1 ? 'task' : 'tasks'} in transactions and did not end it: that is finished first.`,
    );
    // Hooks that had begun first, then the rest in their usual order.
    for (const each of taken.sort((a, b) => started(b) - started(a) || b.step.state.timestamp - a.step.state.timestamp))
      await this.#carryOut(each, frame, depth);
    for (const each of counted.sort((a, b) => a.step.state.timestamp - b.step.state.timestamp))
      await this.#carryOut(each, frame, depth);
    if (this.#waiting.size < pending.length) return true;
    for (const { step } of this.#waiting.values())
      frame.scope.log(
        LOG_LEVELS.info,
        `A hook of task run ${step.id} (${step.taskKey}) still has to run, and nothing that is defined yet is known to be it: it runs when the flow calls the task.`,
      );
    return false;
  }

  /** What was decided about a recorded task whose hooks nothing defined until it was called. */
  waitingFor(id: TaskRunId, depth: number): Ended | null {
    const waiting = this.#waiting.get(id);
    return waiting ? (this.#howEnded(waiting, depth) ?? 'rolled-back') : null;
  }

  /**
   * A task was called that an earlier attempt committed, and counts as done. Inside a transaction its hooks run with
   * that one's commit, elsewhere now.
   */
  calledAgain(
    id: TaskRunId,
    definition: TaskDefinition,
    isInside: boolean,
    frame: Frame,
    depth: number,
  ): MaybePromise<unknown> {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting && !isInside ? this.#carryOut(waiting, frame, depth, definition) : undefined;
  }

  /**
   * A finished subflow is done again: what its tasks did in a transaction that is still open is taken back first, and
   * it is said which hooks that still takes.
   */
  async beforeSubflowIsDoneAgain(id: FlowRunId, frame: Frame, depth: number): Promise<void> {
    const open = (this.#byAround.get(id) ?? []).filter((each) => this.#isUndecided(each));
    for (const each of open.toSorted((a, b) => b.step.state.timestamp - a.step.state.timestamp)) {
      this.took(each.step.id);
      await this.#carryOut(each, frame, depth);
    }
    for (const each of this.#waiting.values())
      if (each.around.has(id)) await this.#carryOut(each, frame, depth, undefined, true);
  }

  /** As `beforeItIsDoneAgain`, of a task in an earlier run of a subflow that is done again. */
  takeBackInside(
    id: FlowRunId,
    step: string,
    definition: TaskDefinition,
    frame: Frame,
    depth: number,
  ): Promise<unknown> | undefined {
    for (const each of this.#waiting.values())
      if (each.step.step === step && each.around.has(id)) {
        this.#waiting.delete(each.step.id);
        return this.#carryOut(each, frame, depth, definition);
      }
    return undefined;
  }

  /**
   * What has to be done about a recorded task before it is done again; `undefined` for nothing. Hooks that nothing
   * defined until it was called run now. One that finished in a transaction which is still open is taken back, as its
   * result is of no use.
   */
  beforeItIsDoneAgain(
    id: TaskRunId,
    definition: TaskDefinition,
    frame: Frame,
    depth: number,
  ): Promise<State | null> | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (waiting) return this.#carryOut(waiting, frame, depth, definition);
    const open = this.#byId.get(id);
    if (!open || open.participation.hooks === null || !this.#isUndecided(open)) return undefined;
    this.#byId.delete(id);
    return this.#carryOut(open, frame, depth, definition);
  }

  /**
   * Tasks that an earlier attempt finished in these transactions, still undecided and not called by this one, oldest
   * first.
   */
  async orphans(
    ids: ReadonlySet<string>,
    joined: { has(id: TaskRunId): boolean },
    around: OpenTransaction,
    frame: Frame,
  ): Promise<readonly Participant[]> {
    const found = this.#all.filter(
      (each) =>
        !joined.has(each.step.id) && each.participation.within.some((id) => ids.has(id)) && this.#isUndecided(each),
    );
    for (const { step } of found) this.took(step.id);
    return await this.#recallAll(found, around, frame);
  }

  /**
   * As `orphans`, of a subflow or task that finished in an earlier attempt: its body does not run, so nothing calls
   * them.
   */
  async inside(id: FlowRunId | TaskRunId, around: OpenTransaction, isSure: boolean): Promise<readonly Participant[]> {
    const found = (this.#byAround.get(id) ?? []).filter((each) => this.#isUndecided(each));
    for (const { participation, step } of found) {
      around.continues(participation.within, isSure);
      this.took(step.id);
    }
    return await this.#recallAll(found, around, around.hookFrame);
  }

  /**
   * The attempt is over: what is left of transactions that it opened without taking a step over, and hooks that nothing
   * defines.
   *
   * @param isLost it ends without completing: transactions that it did not come to are rolled back, too
   */
  async close(frame: Frame, depth: number, isLost: boolean): Promise<void> {
    if (isLost)
      for (const { participation } of this.#all)
        for (const id of participation.within.slice(depth, depth + 1))
          if (!this.#claimed.has(id)) this.endedAt(id.slice(0, id.indexOf('.')), true);
    for (const [place, isRolledBack] of this.#endedPlaces) {
      const left = this.#all.filter(
        (each) =>
          this.#isUndecided(each) &&
          each.participation.within.slice(depth).some((id) => id.startsWith(`${place}.`) && !this.#claimed.has(id)),
      );
      const said = {
        ids: [...new Set(left.flatMap(({ participation }) => participation.within.slice(depth)))],
        by: 'its transaction',
        values: null,
      };
      for (const participant of (
        await this.#recallAll(left, nameless(isRolledBack ? 'rolled-back' : 'committed'), frame)
      ).toReversed())
        await (isRolledBack ? participant.takeBack(said) : participant.leave(said));
    }
    for (const waiting of this.#waiting.values()) await this.#carryOut(waiting, frame, depth, undefined, true);
  }

  async #recallAll(found: readonly Remembered[], around: Around, frame: Frame): Promise<readonly Participant[]> {
    const participants: Participant[] = [];
    for (const each of found.toSorted((a, b) => a.step.state.timestamp - b.step.state.timestamp)) {
      participants.push(await recall(this.#ports, each, this.#hooksOf(each), around, frame));
    }
    return participants;
  }

  /**
   * @param called the task as this attempt calls it
   * @param isLast nothing will call it any more
   * @returns the state that its task run entered by that
   */
  async #carryOut(
    each: Remembered,
    frame: Frame,
    depth: number,
    called?: TaskDefinition,
    isLast = false,
  ): Promise<State | null> {
    const { participation, step } = each;
    const how = this.#howEnded(each, depth) ?? 'rolled-back';
    const ended = participation.within
      .slice(depth)
      .map((id) => this.#ended.get(id))
      .find((found) => found?.how === how);
    const definition = participation.hooks === null ? undefined : (called ?? this.#hooksOf(each));
    if (!definition && !isLast && hasHooks(participation, how)) {
      this.#waiting.set(step.id, each);
      return null;
    }
    const values = ended ? await this.#valuesOf(ended.values, frame) : NO_VALUES;
    const participant = await recall(
      this.#ports,
      each,
      definition,
      recorded(ended?.by ?? 'transaction', how, participation.within, values),
      frame,
    );
    // A single task that is taken back decides nothing about the others.
    const said = { ids: ended?.ids ?? [], by: ended?.by ?? 'its transaction', values: null };
    await (how === 'committed' ? participant.count(said) : participant.takeBack(said));
    if (this.#waiting.has(step.id)) this.#waiting.set(step.id, { ...each, participation: participant.participation });
    return participant.entered;
  }

  #hooksOf({ step, participation: { hooks } }: Remembered): TaskDefinition | undefined {
    return hooks === null ? undefined : findHooks(step.taskKey, hooks, this.#ports.hash);
  }

  async #valuesOf(ref: ValueRef | null, frame: Frame): Promise<Kept> {
    try {
      return await loadValues(this.#ports, ref, 'What a transaction kept');
    } catch (error) {
      frame.scope.log(
        LOG_LEVELS.error,
        `What a transaction of an earlier attempt kept cannot be read: ${thrownText(error)}`,
      );
      return NO_VALUES;
    }
  }

  #isUndecided({ participation, step }: Remembered): boolean {
    return (
      this.#byId.has(step.id) &&
      stands(step) &&
      participation.decision === null &&
      !participation.within.some((id) => this.#ended.has(id))
    );
  }

  #isPending(each: Remembered, depth: number): boolean {
    const { participation, step } = each;
    const { decision } = participation;
    if (decision !== null)
      return (
        decision.outcome !== 'left' && !decision.isFinished && !this.#isOutside(decision.ids, participation, depth)
      );
    const how = this.#howEnded(each, depth);
    if (how === null || !stands(step)) return false;
    if (how === 'rolled-back') return true;
    if (!hasHooks(participation, 'committed')) return false;
    const definition = this.#hooksOf(each);
    return definition === undefined || definition.options.onCommit !== undefined;
  }

  #isOutside(ids: readonly string[], { within }: Participation, depth: number): boolean {
    return within.slice(0, depth).some((id) => ids.includes(id));
  }

  #howEnded({ participation: { decision, within } }: Remembered, depth: number): Ended | null {
    if (decision !== null && decision.outcome !== 'left') return decision.outcome;
    for (const id of within.slice(depth)) {
      const ended = this.#ended.get(id);
      if (ended) return ended.how;
    }
    return null;
  }
}

function nameless(status: Ended): Around {
  return recorded('transaction', status, [], NO_VALUES);
}

/** A transaction of which only the record exists. Its values are stored under its ids, the inner one's first. */
function recorded(name: string, status: Ended, within: readonly string[], values: Kept): Around {
  const lookup = (key: string): { readonly value: unknown } | undefined => {
    for (const id of within.toReversed()) if (values.has(`${id} ${key}`)) return { value: values.get(`${id} ${key}`) };
    return undefined;
  };
  return { name, status, mode: 'lazy', parent: null, lookup };
}
