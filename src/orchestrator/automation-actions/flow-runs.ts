/** Moves and deletes the flow run that it is about. Source: Prefect 3.9.1, `server/events/actions.py`. */

import type { FlowRun } from '../../core/flow-run.ts';
import type { FlowRunId } from '../../core/ids.ts';
import type { ProposedState, StateType } from '../../core/state.ts';
import { addSeconds, type Instant } from '../../core/time.ts';
import type { Transition } from '../../core/transition.ts';
import { continuePausedRun } from '../continue-paused-run.ts';
import { deleteFlowRun } from '../delete-flow-run.ts';
import { makingRoom } from '../deployments/make-room.ts';
import { setFlowRunState } from '../set-flow-run-state.ts';
import { ActionRefused, flowRunId, tellTarget, type Acting } from './acting.ts';
import type { ActingPorts } from './ports.ts';
import { asked } from './refusals.ts';

/** As in Prefect: nobody says how long a run is suspended. */
const SUSPENDED_SECONDS = 3600;

export async function changeState(ports: ActingPorts, acting: Acting): Promise<string> {
  const { action, automation } = acting;
  const name = action['name'] as string | null;
  return await moved(ports, acting, {
    state: proposed(
      action['state'] as StateType,
      (action['message'] as string | null) || `State changed by Automation ${automation.id}`,
      ports.clock.now(),
      name || undefined,
    ),
    force: action['force'] === true,
  });
}

export async function cancel(ports: ActingPorts, acting: Acting): Promise<string> {
  const message = `Cancelled by Automation ${acting.automation.id}`;
  return await moved(ports, acting, { state: { type: 'CANCELLING', message }, force: false });
}

export async function suspend(ports: ActingPorts, acting: Acting): Promise<string> {
  return await moved(ports, acting, {
    state: {
      type: 'PAUSED',
      name: 'Suspended',
      message: `Suspended by Automation ${acting.automation.id}`,
      details: { pauseReschedule: true, pauseTimeout: addSeconds(ports.clock.now(), SUSPENDED_SECONDS) },
    },
    force: false,
  });
}

export async function resume(ports: ActingPorts, acting: Acting): Promise<string> {
  const id = target(acting);
  const answer = await asked(acting, null, () =>
    continuePausedRun(ports, { id, input: null, client: { version: null } }),
  );
  if (answer.status === 'accept') return `The flow run goes on: it is ${answer.state.name}.`;
  // An earlier attempt did it, and its server died before it said so.
  if (answer.status === 'not-paused' && acting.attempt > 1) return 'The flow run goes on already.';
  throw new ActionRefused(`Failed to resume flow run: ${answer.reason}`);
}

export async function remove(ports: ActingPorts, acting: Acting): Promise<string> {
  const id = target(acting);
  const isDeleted = await deleteFlowRun(ports, id);
  acting.told.details['status_code'] = isDeleted || acting.attempt > 1 ? 204 : 404;
  if (isDeleted) return 'The flow run is deleted.';
  if (acting.attempt > 1) return 'The flow run is deleted already.';
  throw new ActionRefused(`Unexpected status from '${acting.action.type}' action: 404`, { more: 'Flow run not found' });
}

function target(acting: Acting): FlowRunId {
  const id = flowRunId(acting);
  tellTarget(acting.told, `prefect.flow-run.${id}`);
  return id as FlowRunId;
}

interface Move {
  readonly state: ProposedState;
  readonly force: boolean;
}

/** The order marks the state: a repeated attempt knows what the first one did. */
async function moved(ports: ActingPorts, acting: Acting, { state, force }: Move): Promise<string> {
  const id = target(acting);
  const mark = acting.order.id;
  const earlier = acting.attempt > 1 ? await ports.storage.listFlowRunStates(id) : [];
  const done = earlier.find(({ details }) => details.transitionId === mark);
  if (done !== undefined) {
    acting.told.details['status_code'] = 201;
    return `The flow run has become ${done.name} already.`;
  }
  const request = { id, state: { ...state, details: { ...state.details, transitionId: mark } }, force };
  const answer = await asked(acting, 201, async () => await makingRoom(ports, setFlowRunState(ports, request)));
  return becameOf(acting, state, answer);
}

function becameOf({ told }: Acting, wanted: ProposedState, answer: Transition<FlowRun>): string {
  if (answer.status === 'accept') return `The flow run is ${answer.state.name}.`;
  // Nothing runs it, so that nobody has to be asked to stop.
  if (answer.status === 'reject' && wanted.type === 'CANCELLING' && answer.state.type === 'CANCELLED')
    return `The flow run is ${answer.state.name}: ${answer.reason}`;
  told.details['status_code'] = answer.status === 'reject' && answer.written ? 201 : 200;
  throw new ActionRefused(`Failed to set state: ${answer.reason}`);
}

function proposed(type: StateType, message: string, now: Instant, name: string | undefined): ProposedState {
  const said = { message, ...(name === undefined ? {} : { name }) };
  switch (type) {
    case 'SCHEDULED':
      return { type, ...said, scheduledTime: now };
    case 'COMPLETED':
      return { type, ...said, data: null };
    case 'FAILED':
      return { type, ...said, failure: null };
    default:
      return { type, ...said };
  }
}
