import { OstinatoError } from '../core/errors.ts';
import type { TaskRunId } from '../core/ids.ts';
import { chain, type MaybePromise } from '../core/maybe-promise.ts';
import { randomRunName } from '../core/run-name.ts';
import { releaseTagSlots } from './concurrency/tag-limits.ts';
import { ownChangeEvent } from './events.ts';
import type { OrchestratorPorts } from './ports.ts';

/** Answers whether it was there; `bad-input` for an empty name. @param asked `null`: a new one is drawn */
export function renameTaskRun({ storage, ids, clock, random }: OrchestratorPorts, id: TaskRunId, asked: string | null): MaybePromise<boolean> {
  const name = asked ?? randomRunName(random);
  if (name.trim() === '') throw new OstinatoError('bad-input', 'The new name of the run is empty.');
  const event = ownChangeEvent(ids, 'task-run', id, 'updated', clock.now(), { name });
  return storage.changeTaskRun<boolean>({ id, naturalKey: null, flowRunId: null }, (run) =>
    run === null ? { answer: false } : { run: { ...run, name }, events: [event], answer: true });
}

/** Forgets the run with its states, logs and artifacts, and gives back its slots. Answers whether it was there. */
export function deleteTaskRun(ports: OrchestratorPorts, id: TaskRunId): MaybePromise<boolean> {
  const { storage, ids, clock } = ports;
  return chain(storage.deleteTaskRun(id, ownChangeEvent(ids, 'task-run', id, 'deleted', clock.now(), { id })), (wasThere) =>
    wasThere ? chain(releaseTagSlots(ports, { taskRunId: id }), () => true) : false);
}
