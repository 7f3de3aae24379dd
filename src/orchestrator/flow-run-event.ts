/**
 * The full event of a flow run's state, as Prefect's server writes it, for runs that our own engine does not run.
 */

import { RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE, type OutboxEvent, type RelatedResource } from '../core/event.ts';
import type { Flow, FlowRun } from '../core/flow-run.ts';
import type { EventId } from '../core/ids.ts';
import type { State } from '../core/state.ts';
import type { TaskRun } from '../core/task-run.ts';
import { formatInstant } from '../core/time.ts';
import type { QueueOfRun } from '../core/work-pool.ts';
import { flowRunStateEvent } from './events.ts';

/** Characters; longer messages (some hold whole results) are cut. */
const MESSAGE_CHARACTERS_MAX = 100_000;
/** Microseconds within which a state's event `follows` that of the state before. */
const FOLLOWS_WITHIN_US = 300_000_000;

/**
 * @param run as it is in its new state
 * @param flow its flow, for the tags
 * @param parentTask the placeholder of the run in its parent
 */
export function flowRunMoveEvent(
  run: FlowRun,
  flow: Flow | null,
  previous: State | null,
  parentTask: TaskRun | null,
): OutboxEvent {
  const { state } = run;
  if (run.runner === 'ostinato') return flowRunStateEvent(run.id, state);
  const isClose = previous !== null && Math.abs(state.timestamp - previous.timestamp) < FOLLOWS_WITHIN_US;
  return {
    ...flowRunStateEvent(run.id, state),
    labels: {
      [RESOURCE_NAME]: run.name,
      'prefect.run-count': `${run.runCount}`,
      'prefect.state-message': cut(state.message) ?? '',
      'prefect.state-name': state.name,
      'prefect.state-timestamp': `${formatInstant(state.timestamp).slice(0, -1)}+00:00`,
      'prefect.state-type': state.type,
    },
    related: relatedTo(run, flow, parentTask),
    payload: JSON.stringify({
      intended: { from: previous?.type ?? null, to: state.type },
      initial_state: previous && statePart(previous),
      validated_state: statePart(state),
    }),
    follows: isClose ? (previous.id as string as EventId) : null,
  };
}

function relatedTo(run: FlowRun, flow: Flow | null, parentTask: TaskRun | null): readonly RelatedResource[] {
  const tags = new Set([...run.tags, ...(flow?.tags ?? []), ...(parentTask?.tags ?? [])]);
  return [
    resource('flow', run.flowId, run.flowName),
    ...deploymentOf(run),
    ...queueResources(run.submission),
    ...(parentTask ? [resource('task-run', parentTask.id, parentTask.name)] : []),
    ...[...tags].sort().map((tag) => ({ [RESOURCE_ID]: `prefect.tag.${tag}`, [RESOURCE_ROLE]: 'tag' })),
    ...creatorOf(run),
  ];
}

function resource(kind: string, id: string, name: string): RelatedResource {
  return { [RESOURCE_ID]: `prefect.${kind}.${id}`, [RESOURCE_ROLE]: kind, [RESOURCE_NAME]: name };
}

function deploymentOf({ submission }: FlowRun): readonly RelatedResource[] {
  const { deploymentId = null, deploymentName } = submission ?? {};
  if (deploymentId === null) return [];
  const name = deploymentName === undefined ? {} : { [RESOURCE_NAME]: deploymentName };
  return [{ [RESOURCE_ID]: `prefect.deployment.${deploymentId}`, [RESOURCE_ROLE]: 'deployment', ...name }];
}

/** The queue and its pool. */
export function queueResources(queue: QueueOfRun | null): readonly RelatedResource[] {
  if (!queue?.workQueueId) return [];
  const { workQueueId, workQueueName, workPoolId, workPoolName, workPoolType } = queue;
  return [
    resource('work-queue', workQueueId, workQueueName ?? ''),
    ...(workPoolId
      ? [{ ...resource('work-pool', workPoolId, workPoolName ?? ''), 'prefect.work-pool.type': workPoolType ?? '' }]
      : []),
  ];
}

function creatorOf({ submission }: FlowRun): readonly RelatedResource[] {
  const creator = submission?.createdBy ?? null;
  if (creator === null || (creator.type !== 'DEPLOYMENT' && creator.type !== 'AUTOMATION')) return [];
  const name = creator.displayValue === null ? {} : { [RESOURCE_NAME]: creator.displayValue };
  return [
    { [RESOURCE_ID]: `prefect.${creator.type.toLowerCase()}.${creator.id}`, [RESOURCE_ROLE]: 'creator', ...name },
  ];
}

function statePart({ type, name, message, details }: State): Readonly<Record<string, string>> {
  const said = cut(message);
  return {
    type,
    name,
    ...(said ? { message: said } : {}),
    ...(type === 'PAUSED' ? { pause_reschedule: `${details.pauseReschedule === true}` } : {}),
  };
}

function cut(message: string | null): string | null {
  return message !== null && message.length > MESSAGE_CHARACTERS_MAX
    ? message.slice(0, MESSAGE_CHARACTERS_MAX)
    : message;
}
