import { OstinatoError } from '../core/errors.ts';
import type { TaskRunId } from '../core/ids.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import { randomRunName } from '../core/run-name.ts';
import { ownChangeEvent } from './events.ts';
import type { OrchestratorPorts } from './ports.ts';

/** Returns whether it existed; `bad-input` for an empty name. @param asked `null`: draw a new name */
export function renameTaskRun(
  { storage, ids, clock, random }: OrchestratorPorts,
  id: TaskRunId,
  asked: string | null,
): MaybePromise<boolean> {
  const name = asked ?? randomRunName(random);
  if (name.trim() === '') throw new OstinatoError('bad-input', 'The new name of the run is empty.');
  const event = ownChangeEvent(ids, 'task-run', id, 'updated', clock.now(), { name });
  return storage.changeTaskRun<boolean>({ id, naturalKey: null, flowRunId: null }, {}, (run) =>
    run === null ? { answer: false } : { run: { ...run, name }, events: [event], answer: true },
  );
}

/** Deletes the run with its states, logs and artifacts, and releases its slots. Returns whether it existed. */
export function deleteTaskRun({ storage, ids, clock }: OrchestratorPorts, id: TaskRunId): MaybePromise<boolean> {
  return storage.deleteTaskRun(id, ownChangeEvent(ids, 'task-run', id, 'deleted', clock.now(), { id }));
}
