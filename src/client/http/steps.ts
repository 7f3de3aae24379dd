/**
 * Finished steps of flow runs that may begin a new attempt in this process: a server that is away cannot be asked for
 * them.
 */

import type { Durability } from '../../core/durability.ts';
import type { FlowRunId, TaskRunId } from '../../core/ids.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { RecordedStep, TaskRun } from '../../core/task-run.ts';
import { Recorder, type LiveRecord } from '../recorder.ts';

export class StepMemory {
  readonly #runs = new Map<FlowRunId, Map<TaskRunId, RecordedStep>>();

  /** Remembers the steps of this run from now on. */
  watch(id: FlowRunId): void {
    if (!this.#runs.has(id)) this.#runs.set(id, new Map());
  }

  forget(id: FlowRunId): void {
    this.#runs.delete(id);
  }

  saw(run: TaskRun): void {
    if (run.flowRunId !== null) this.#runs.get(run.flowRunId)?.set(run.id, recordedStepOf(run));
  }

  of(id: FlowRunId): ReadonlyMap<TaskRunId, RecordedStep> {
    return this.#runs.get(id) ?? NONE;
  }

  /** The server's list, with newer records of this process in place of its own. */
  merged(id: FlowRunId, listed: readonly RecordedStep[]): readonly RecordedStep[] {
    const own = this.of(id);
    if (own.size === 0) return listed;
    const known = new Set(listed.map((step) => step.id));
    return [
      ...listed.map((step) => own.get(step.id) ?? step),
      ...[...own.values()].filter((step) => !known.has(step.id)),
    ];
  }
}

const NONE: ReadonlyMap<TaskRunId, RecordedStep> = new Map();

/** A recorder that also remembers the steps it was given. */
export class RememberingRecorder extends Recorder {
  readonly #steps: StepMemory;

  constructor(parts: ConstructorParameters<typeof Recorder>[0], steps: StepMemory) {
    super(parts);
    this.#steps = steps;
  }

  override settle(record: LiveRecord, durability: Durability): MaybePromise<void> {
    this.#steps.saw(record.run);
    return super.settle(record, durability);
  }
}

/** What a run is gone on with by. */
export function recordedStepOf(run: TaskRun): RecordedStep {
  const { id, step, state, runCount, sourceHash, taskKey, dynamicKey, createdAt, parentTaskRunId, participation } = run;
  return { id, step, state, runCount, sourceHash, taskKey, dynamicKey, createdAt, parentTaskRunId, participation };
}
