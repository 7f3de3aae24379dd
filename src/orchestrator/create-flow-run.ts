import { OstinatoError } from '../core/errors.ts';
import type { Flow, FlowRun } from '../core/flow-run.ts';
import type { CreateFlowRun } from '../core/flow-run-request.ts';
import type { FlowId, StateId } from '../core/ids.ts';
import { chain, type MaybePromise } from '../core/maybe-promise.ts';
import { openFlowRun } from '../core/rules/apply-flow-run.ts';
import { randomRunName } from '../core/run-name.ts';
import { stampState } from '../core/state.ts';
import { flowCreated } from './events.ts';
import { ofRun, placeholderMove, withoutUnpersistedData } from './flow-run-move.ts';
import { flowRunMoveEvent } from './flow-run-event.ts';
import type { OrchestratorPorts } from './ports.ts';

/**
 * Creates a run, and its flow if it is new. A repeated request (same id, or same idempotency key of the same flow)
 * returns the existing run unchanged. `bad-input` for a flow without a name.
 */
export function createFlowRun(ports: OrchestratorPorts, request: CreateFlowRun): MaybePromise<FlowRun> {
  const { storage, clock, ids } = ports;
  if (request.flowName.trim() === '') {
    throw new OstinatoError('bad-input', 'A flow needs a name: the function has none.', {
      remedy: 'Give the option `name` to flow(…).',
    });
  }
  const makeFlow = () => ({
    id: ids.next<FlowId>(),
    name: request.flowName,
    tags: [],
    labels: {},
    description: request.flowDescription ?? undefined,
    createdAt: clock.now(),
  });
  return chain(storage.ensureFlow(request.flowName, makeFlow, flowCreated(ids)), (flow) =>
    chain(describeFlow(ports, request, flow), () => chain(insertRun(ports, request, flow), ({ run }) => run)),
  );
}

/** The description from the newest program that runs the flow is kept. */
function describeFlow(
  { storage }: OrchestratorPorts,
  { flowDescription }: CreateFlowRun,
  { id, description }: Flow,
): MaybePromise<void> {
  if (flowDescription === undefined || flowDescription === (description ?? null)) return undefined;
  return storage.changeFlow(id, (flow) => ({
    ...(flow === null ? {} : { flow: { ...flow, description: flowDescription ?? undefined } }),
    answer: undefined,
  }));
}

/** As `createFlowRun`, for an existing flow; also returns whether the run is new. */
export function submitFlowRun(
  ports: OrchestratorPorts,
  request: CreateFlowRun,
  flow: Flow,
): MaybePromise<{ readonly run: FlowRun; readonly created: boolean }> {
  if (request.parentTaskRunId === null || request.parentFlowRunId !== null) return insertRun(ports, request, flow);
  return chain(ports.storage.readTaskRun(request.parentTaskRunId), (task) =>
    insertRun(ports, { ...request, parentFlowRunId: task?.flowRunId ?? null }, flow),
  );
}

function insertRun(
  ports: OrchestratorPorts,
  request: CreateFlowRun,
  flow: Flow,
): MaybePromise<{ readonly run: FlowRun; readonly created: boolean }> {
  const { storage, clock, ids, random } = ports;
  const now = clock.now();
  const state = ofRun(request, stampState(request.state ?? { type: 'PENDING' }, ids.next<StateId>(), now));
  const run = openFlowRun(
    {
      id: request.id,
      flowId: flow.id,
      flowName: flow.name,
      name: request.name ?? randomRunName(random),
      flowVersion: request.flowVersion,
      parameters: request.parameters,
      tags: request.tags,
      labels: request.labels,
      policy: request.policy,
      durability: request.durability,
      parentTaskRunId: request.parentTaskRunId,
      parentFlowRunId: request.parentFlowRunId,
      idempotencyKey: request.idempotencyKey ?? null,
      entrypoint: request.entrypoint,
      lease: request.processId === undefined ? null : { processId: request.processId, token: 1 },
      runner: request.runner,
      submission: request.submission ?? null,
      createdAt: now,
    },
    state,
  );
  const placeholder = placeholderMove(run, flow, null, ids);
  return storage.insertFlowRun(
    withoutUnpersistedData(run),
    placeholder ? [] : [flowRunMoveEvent(run, flow, null, null)],
    placeholder,
  );
}
