/**
 * Stands around the store and objects, at every commit, to what must never be committed. A store that answers later
 * says itself when it commits or takes back; one that answers at once has done so when it answers.
 *
 * 1. A flow run's states have growing times; it leaves a terminal state only for a new attempt, under a new lease.
 * 2. A lease's token never shrinks, and a process with an older one moves nothing.
 * 3. A task run's row never goes back: neither to an earlier attempt of its flow run, nor to an earlier state. Within
 *    one attempt a finished one stays finished, unless it is rolled back or was only thought lost.
 */

import type { FlowRun } from '../src/core/flow-run.ts';
import type { TaskRunId } from '../src/core/ids.ts';
import { isPromise } from '../src/core/maybe-promise.ts';
import { isTerminal, type State } from '../src/core/state.ts';
import type { TaskRun, TaskRunRecord } from '../src/core/task-run.ts';
import type { Storage } from '../src/store/port.ts';

interface SeenTask {
  readonly attempt: number;
  readonly state: State;
}

interface StoreWatchParts {
  readonly object: (invariant: string, what: string) => void;
  readonly say: (what: string) => void;
  /** Hears the name of each task run whose row says that it was rolled back. */
  readonly onRolledBack: (name: string) => void;
}

export class StoreWatch {
  readonly #store: Storage;
  readonly #object: StoreWatchParts['object'];
  readonly #say: StoreWatchParts['say'];
  readonly #onRolledBack: StoreWatchParts['onRolledBack'];
  readonly #tasks = new Map<TaskRunId, SeenTask>();
  /** What the transaction that is being made was handed to change. */
  readonly #changing: FlowRun[] = [];
  /** Batches that were not answered yet. */
  readonly #unanswered = new Set<readonly TaskRunRecord[]>();

  /** @param store read from directly, below any planted defect: it answers at once */
  constructor(store: Storage, { object, say, onRolledBack }: StoreWatchParts) {
    this.#store = store;
    this.#object = object;
    this.#say = say;
    this.#onRolledBack = onRolledBack;
  }

  over(storage: Storage): Storage {
    return {
      ...storage,
      changeFlowRun: (id, needs, change) => {
        const noted: typeof change = (run, context) => {
          if (run !== null) this.#changing.push(run);
          return change(run, context);
        };
        const answer = storage.changeFlowRun(id, needs, noted);
        if (!isPromise(answer)) this.committed();
        return answer;
      },
      writeTaskRuns: (records, logs) => {
        this.#unanswered.add(records);
        const check = (): void => {
          this.#unanswered.delete(records);
          for (const record of records) this.#checkTaskRun(record, true);
        };
        const answer = storage.writeTaskRuns(records, logs);
        if (!isPromise(answer)) return check();
        return answer.then(() => check()).finally(() => this.#unanswered.delete(records));
      },
    };
  }

  /** A transaction was committed. */
  committed(): void {
    for (const before of this.#changing.splice(0)) {
      const after = this.#store.readFlowRun(before.id) as FlowRun | null;
      if (after !== null) this.#checkFlowRun(before, after);
    }
    for (const records of this.#unanswered) for (const record of records) this.#checkTaskRun(record, false);
  }

  /** What was being made left nothing. */
  rolledBack(): void {
    this.#changing.length = 0;
  }

  #checkFlowRun(before: FlowRun, after: FlowRun): void {
    const name = `run ${after.id}`;
    if ((after.lease?.token ?? 0) < (before.lease?.token ?? 0))
      this.#object('leases grow', `${name}: token ${before.lease?.token} became ${after.lease?.token}`);
    if (after.state.id === before.state.id) return;
    this.#say(
      `${after.flowName} ${after.id.slice(9, 18)} is ${after.state.name}, attempt ${after.runCount}, lease ${after.lease?.token ?? 0}${after.state.message === null ? '' : `: ${after.state.message.slice(0, 90)}`}`,
    );
    if (after.state.timestamp <= before.state.timestamp)
      this.#object(
        'times grow',
        `${name}: ${after.state.name} at ${after.state.timestamp} after ${before.state.name} at ${before.state.timestamp}`,
      );
    if (!isTerminal(before.state)) return;
    const isNewAttempt = !isTerminal(after.state) && (after.lease?.token ?? 0) > (before.lease?.token ?? 0);
    const isEndedAgain = before.state.type === after.state.type;
    if (!isNewAttempt)
      this.#object(
        'terminal is final',
        `${name}: ${before.state.name} became ${after.state.name}${isEndedAgain ? ' again' : ''}`,
      );
  }

  #checkTaskRun({ run: { id } }: TaskRunRecord, isAnswered: boolean): void {
    const row = this.#store.readTaskRun(id) as TaskRun | null;
    if (row === null)
      return isAnswered ? this.#object('records are kept', `task run ${id} was written and is not there`) : undefined;
    const seen = this.#tasks.get(id);
    this.#tasks.set(id, { attempt: row.flowRunRunCount, state: row.state });
    if (row.state.name === 'RolledBack') this.#onRolledBack(row.name);
    if (!seen || seen.state.id === row.state.id) return;
    const what = `task run ${row.name} (${id}): ${seen.state.name} of attempt ${seen.attempt} became ${row.state.name} of attempt ${row.flowRunRunCount}`;
    if (row.flowRunRunCount < seen.attempt) this.#object('attempts grow', what);
    if (row.flowRunRunCount === seen.attempt && row.state.timestamp < seen.state.timestamp)
      this.#object('times grow', what);
    if (!isTerminal(seen.state) || row.flowRunRunCount > seen.attempt) return;
    const { type, message } = seen.state;
    const wasOnlyThoughtLost =
      (type === 'CRASHED' && seen.state.evidence !== undefined) ||
      (type === 'CANCELLED' && message?.includes('its process was lost') === true);
    if (row.state.name !== 'RolledBack' && !wasOnlyThoughtLost) this.#object('terminal is final', what);
  }
}
