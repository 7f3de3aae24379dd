/** What a run belongs to, as resources that an event is related to. Source: Prefect 3, `events/related.py`. */

import {
  NO_SURROUNDINGS,
  surroundingResources,
  type RunSurroundings,
  type SentEvent,
} from '../client/control/events.ts';
import { RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE, type RelatedResource } from '../core/event.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { FlowScope } from '../engine/flow-scope.ts';
import type { EnginePorts } from '../engine/ports.ts';
import type { TaskScope } from '../engine/task-scope.ts';

/** Bounds of memory: a process that serves runs many flows. */
const KNOWN_MAX = 100;
const known = new WeakMap<object, Map<string, RunSurroundings>>();

/** Resources of the run, and (`unaskedRun`) whether there is more to ask when they are sent. */
export interface AroundRun extends Pick<SentEvent, 'unaskedRun'> {
  readonly related: readonly RelatedResource[];
}

/** None outside a flow. */
export async function relatedToRun({ flow, taskRun, ports }: FlowScope | TaskScope): Promise<AroundRun> {
  if (flow === null) return { related: [] };
  const run = flow.flowRun;
  const {
    deploymentId = null,
    workQueueId = null,
    workQueueName,
    workPoolId = null,
    workPoolName,
  } = run.submission ?? {};
  const found = await around(ports, run);
  const surroundings = surroundingResources(found ?? NO_SURROUNDINGS, deploymentId, [
    ...run.tags,
    ...(taskRun?.tags ?? []),
  ]);
  const related = [
    resource('flow-run', run.id, run.name),
    ...(taskRun === null ? [] : [resource('task-run', taskRun.id, taskRun.name)]),
    resource('flow', run.flowId, run.flowName),
    ...(workQueueId === null ? [] : [resource('work-queue', workQueueId, workQueueName ?? '')]),
    ...(workPoolId === null ? [] : [resource('work-pool', workPoolId, workPoolName ?? '')]),
    ...surroundings,
  ];
  return found === null ? { related, unaskedRun: { id: run.id, flowId: run.flowId } } : { related };
}

function resource(kind: string, id: string, name: string): RelatedResource {
  return { [RESOURCE_ID]: `prefect.${kind}.${id}`, [RESOURCE_ROLE]: kind, [RESOURCE_NAME]: name };
}

/** `null`: it cannot be asked now. */
async function around({ client }: EnginePorts, { flowId, submission }: FlowRun): Promise<RunSurroundings | null> {
  const deploymentId = submission?.deploymentId ?? null;
  const key = `${flowId} ${deploymentId}`;
  const kept = known.get(client) ?? new Map<string, RunSurroundings>();
  known.set(client, kept);
  const before = kept.get(key);
  if (before !== undefined) return before;
  const found = await client.control.events.surroundings(flowId, deploymentId);
  if (found === null) return null;
  if (kept.size >= KNOWN_MAX) kept.clear();
  kept.set(key, found);
  return found;
}
