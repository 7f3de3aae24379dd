/**
 * What a notification is about: the cause by which it is told once, and whose success ends it.
 *
 * 1. Of a run that failed because of another one below it, the cause is the other one's.
 * 2. Where nothing says that two are the same, they are told apart: a run that failed by itself is not taken for one
 *    that failed because of a task that it had put up with.
 */

import type { AffectedResource } from '../../core/alerts/alert.ts';
import { causeKey, failureCause, normalised, stripped, type Cause } from '../../core/alerts/cause.ts';
import type { Severity } from '../../core/notifications/channel.ts';
import {
  objectIdOf,
  relatedInRole,
  RESOURCE_ID,
  RESOURCE_NAME,
  resourceIdOf,
  type Event,
  type ResourceLabels,
} from '../../core/event.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import { isUuid, type FlowRunId } from '../../core/ids.ts';
import type { TaskRun } from '../../core/task-run.ts';
import { secondsBetween } from '../../core/time.ts';
import type { Acting } from '../automation-actions/acting.ts';
import type { OrchestratorPorts } from '../ports.ts';

export interface Occasion {
  readonly cause: Cause;
  readonly severity: Severity;
  readonly affected: AffectedResource | null;
  /** Whether an alert that has hit the same resource is about this, too, whatever its cause. */
  readonly isByAffected: boolean;
  /** Resources whose success ends it. */
  readonly watches: readonly string[];
}

type Facts = Pick<OrchestratorPorts, 'storage'>;

const FAILED: readonly string[] = ['FAILED', 'CRASHED'];
const NOT_READY = /^prefect\.(?:work-pool|work-queue|deployment)\.not-ready$/;

/** `null`: nothing says what its cause is. */
export async function occasionOf(ports: Facts, { order, event }: Acting): Promise<Occasion | null> {
  if (event === null) return await deadline(ports, order.firing.labels[RESOURCE_ID], null);
  if (NOT_READY.test(event.name)) return notReady(event);
  const type = event.resource['prefect.state-type'] ?? '';
  if (event.name.startsWith('prefect.task-run.')) return FAILED.includes(type) ? await taskFailure(ports, event) : null;
  const id = resourceIdOf(event);
  if (!id.startsWith('prefect.flow-run.')) return null;
  if (FAILED.includes(type)) return await flowFailure(ports, event);
  return event.resource['prefect.state-name'] === 'Late' ? await deadline(ports, id, event) : null;
}

/** What its cause is, as its automation says. */
export async function ownOccasion(ports: Facts, acting: Acting, text: string): Promise<Occasion> {
  const found = await occasionOf(ports, acting);
  const { event } = acting;
  const cause = { words: text === '' ? 'as its automation says' : text, keys: [causeKey('own', text)] };
  if (found !== null) return { ...found, cause, isByAffected: false };
  const affected = event === null ? null : named(event.resource);
  return { cause, severity: 'info', affected, isByAffected: false, watches: [] };
}

export function affectedBy({ resource }: Event): AffectedResource {
  return named(resource);
}

function named(labels: ResourceLabels): AffectedResource {
  return { id: labels[RESOURCE_ID] ?? '', name: labels[RESOURCE_NAME] ?? '' };
}

function notReady({ name, resource }: Event): Occasion {
  const affected = named(resource);
  return {
    cause: { words: `${affected.name || affected.id} is not ready`, keys: [causeKey(name, affected.id)] },
    severity: 'warning',
    affected,
    isByAffected: false,
    watches: [affected.id],
  };
}

async function runOf({ storage }: Facts, resource: string | undefined): Promise<FlowRun | null> {
  const id = objectIdOf(resource, 'flow-run');
  return id !== null && isUuid(id) ? await storage.readFlowRun(id.toLowerCase() as FlowRunId) : null;
}

/** As events name it. */
function runResource(run: FlowRun): AffectedResource {
  return { id: `prefect.flow-run.${run.id}`, name: run.name };
}

/** The deployment of a run, or its flow where it has none: a further run of it may succeed. */
export function watchedBy(run: Pick<FlowRun, 'submission' | 'flowId'>): string {
  const deployment = run.submission?.deploymentId ?? null;
  return deployment === null ? `prefect.flow.${run.flowId}` : `prefect.deployment.${deployment}`;
}

/** A run that has not begun, or not ended, when it should have. */
async function deadline(ports: Facts, resource: string | undefined, event: Event | null): Promise<Occasion | null> {
  const run = await runOf(ports, resource);
  if (run === null) return null;
  const watched = watchedBy(run);
  return {
    cause: {
      words: `A run of ${run.flowName} is ${event === null ? 'not where it was expected to be' : 'late'}`,
      keys: [causeKey(event === null ? 'missed' : 'late', watched)],
    },
    severity: 'warning',
    affected: runResource(run),
    isByAffected: true,
    watches: [watched],
  };
}

async function taskFailure(ports: Facts, event: Event): Promise<Occasion | null> {
  const id = objectIdOf(resourceIdOf(event), 'task-run');
  const [task] =
    id === null || !isUuid(id)
      ? []
      : await ports.storage.find('task_run', {
          where: { op: 'eq', field: 'id', value: id.toLowerCase() },
          sort: [],
          limit: 1,
          offset: 0,
        });
  const run = await runOf(ports, relatedInRole(event, 'flow-run')?.[RESOURCE_ID]);
  const message = event.resource['prefect.state-message'] ?? '';
  const root = task === undefined ? null : await failedSubflow(ports, task);
  const below = root === null ? null : await rootOf(ports, root, root.state.message ?? '', DEPTH_MAX);
  return {
    cause: below ?? failureCause({ message, task: task === undefined ? null : taskOf(task), flow: flowOf(run) }),
    severity: 'error',
    affected: run === null ? named(event.resource) : runResource(run),
    isByAffected: false,
    watches: run === null ? [] : [watchedBy(run)],
  };
}

async function flowFailure(ports: Facts, event: Event): Promise<Occasion> {
  const run = await runOf(ports, resourceIdOf(event));
  const message = event.resource['prefect.state-message'] ?? '';
  if (run === null) {
    const flow = relatedInRole(event, 'flow');
    const id = flow?.[RESOURCE_ID] ?? '';
    return {
      cause: failureCause({ message, task: null, flow: flow && { id, name: flow[RESOURCE_NAME] ?? id } }),
      severity: 'error',
      affected: named(event.resource),
      isByAffected: false,
      watches: [],
    };
  }
  return {
    cause: await rootOf(ports, run, message, DEPTH_MAX),
    severity: 'error',
    affected: runResource(run),
    isByAffected: false,
    watches: [watchedBy(run)],
  };
}

/** Runs in runs that are looked into. */
const DEPTH_MAX = 8;
/** Of the failed ones in a run. */
const CHILDREN_MAX = 20;
/** A run that fails so soon after one that it had started fails because of it. */
const DOWNSTREAM_SECONDS = 60;
/** What clients say of a run that only passes on how others ended. */
const PASSED_ON =
  /^$|\d+\/\d+ states (?:failed|are not final)|^(?:FailedRun|UpstreamFailed|UnfinishedRun|CrashedRun)\b/i;

async function rootOf(ports: Facts, run: FlowRun, message: string, depth: number): Promise<Cause> {
  const failed = await ports.storage.find('task_run', {
    where: {
      op: 'and',
      of: [
        { op: 'eq', field: 'flowRunId', value: run.id },
        { op: 'in', field: 'stateType', values: [...FAILED] },
      ],
    },
    sort: [{ field: 'endTime', direction: 'desc' }],
    limit: CHILDREN_MAX,
    offset: 0,
  });
  for (const task of failed) {
    const subflow = await failedSubflow(ports, task);
    const passesOn = isPassedOn(message, (subflow ?? task).state.message ?? '');
    if (subflow === null) {
      if (passesOn)
        return failureCause({ message: task.state.message ?? message, task: taskOf(task), flow: flowOf(run) });
    } else if ((passesOn || isSoonAfter(run, subflow)) && depth > 0)
      return await rootOf(ports, subflow, subflow.state.message ?? '', depth - 1);
  }
  return failureCause({ message, task: null, flow: flowOf(run) });
}

function isPassedOn(message: string, below: string): boolean {
  const said = normalised(stripped(below));
  return PASSED_ON.test(stripped(message)) || (said !== '' && normalised(stripped(message)).includes(said));
}

function isSoonAfter(run: FlowRun, below: FlowRun): boolean {
  const seconds = secondsBetween(below.state.timestamp, run.state.timestamp);
  return seconds >= 0 && seconds <= DOWNSTREAM_SECONDS;
}

async function failedSubflow({ storage }: Facts, task: TaskRun): Promise<FlowRun | null> {
  const [run] = await storage.find('flow_run', {
    where: { op: 'in', field: 'parentTaskRunId', values: [task.id] },
    sort: [],
    limit: 1,
    offset: 0,
  });
  return run !== undefined && FAILED.includes(run.state.type) ? run : null;
}

function taskOf({ taskKey, taskName, name }: TaskRun) {
  // Of clients of Prefect it is the key: the name, and a part of a hash.
  return { key: taskKey, name: (taskName === '' ? name : taskName).replace(/-[0-9a-f]{6,}$/, '') };
}

function flowOf(run: FlowRun | null) {
  return run === null ? null : { id: run.flowId, name: run.flowName };
}
