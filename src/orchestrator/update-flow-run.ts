import { OstinatoError } from '../core/errors.ts';
import type { UpdateFlowRun } from '../core/flow-run-request.ts';
import type { FlowRun, Labels, Submission } from '../core/flow-run.ts';
import type { FlowRunId } from '../core/ids.ts';
import { chain, type MaybePromise } from '../core/maybe-promise.ts';
import { saidPriority } from '../core/run-priority.ts';
import { randomRunName } from '../core/run-name.ts';
import { NO_QUEUE } from '../core/work-pool.ts';
import { ownChangeEvent } from './events.ts';
import { flowRunMissing } from './flow-run-move.ts';
import type { OrchestratorPorts } from './ports.ts';

/** Changes the fields of a run that people may change. `not-found`; `bad-input` for an empty name. */
export function updateFlowRun(ports: OrchestratorPorts, id: FlowRunId, change: UpdateFlowRun): MaybePromise<void> {
  if (typeof change.name === 'string' && change.name.trim() === '')
    throw new OstinatoError('bad-input', 'The new name of the run is empty.');
  const now = ports.clock.now();
  const drawn = change.name === null ? { ...change, name: randomRunName(ports.random) } : change;
  const event = ownChangeEvent(ports.ids, 'flow-run', id, 'updated', now, drawn);
  const stored = ports.storage.changeFlowRun<boolean>(id, {}, (run) =>
    run === null
      ? { answer: false }
      : { run: { ...changed(run, drawn), updatedAt: now }, events: [event], answer: true },
  );
  return chain(stored, (found) => {
    if (!found) throw flowRunMissing(id);
  });
}

/** Adds labels to those of the run; an existing label gets its new value. `not-found`. */
export function labelFlowRun(ports: OrchestratorPorts, id: FlowRunId, labels: Labels): MaybePromise<void> {
  const now = ports.clock.now();
  const event = ownChangeEvent(ports.ids, 'flow-run', id, 'updated', now, { labels });
  const stored = ports.storage.changeFlowRun<boolean>(id, {}, (run) =>
    run === null
      ? { answer: false }
      : { run: { ...run, labels: { ...run.labels, ...labels }, updatedAt: now }, events: [event], answer: true },
  );
  return chain(stored, (found) => {
    if (!found) throw flowRunMissing(id);
  });
}

function changed(
  run: FlowRun,
  { policy, infrastructurePid, jobVariables, priority, ...fields }: UpdateFlowRun,
): FlowRun {
  const said = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<
    Pick<FlowRun, 'name' | 'tags' | 'labels' | 'entrypoint' | 'flowVersion' | 'parameters'>
  >;
  const isSubmission = infrastructurePid !== undefined || jobVariables !== undefined || priority !== undefined;
  const { priority: before, ...submission } = run.submission ?? NO_SUBMISSION;
  return {
    ...run,
    ...said,
    policy: policy ? { ...run.policy, ...policy } : run.policy,
    submission: isSubmission
      ? {
          ...submission,
          ...saidPriority(priority === undefined ? before : priority),
          ...(infrastructurePid === undefined ? {} : { infrastructurePid }),
          ...(jobVariables === undefined ? {} : { jobVariables }),
        }
      : run.submission,
  };
}

const NO_SUBMISSION: Submission = {
  deploymentId: null,
  deploymentVersion: null,
  ...NO_QUEUE,
  autoScheduled: false,
  infrastructurePid: null,
  infrastructureDocumentId: null,
  createdBy: null,
  context: '{}',
  jobVariables: null,
};
