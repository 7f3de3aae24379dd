/**
 * Lets a paused flow run go on, with what it asked for.
 *
 * 1. A run that asked for input goes on only with input that fits the schema it left behind.
 * 2. The new state and the input are committed together: a run that goes on finds what it waited for.
 */

import { OstinatoError } from '../core/errors.ts';
import type { ProtocolClient } from '../core/flow-run-request.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { FlowRunId, FlowRunInputId, StateId } from '../core/ids.ts';
import { decide } from '../core/rules/decide.ts';
import { flowPolicy } from '../core/rules/flow-policy.ts';
import type { ProposedState, State } from '../core/state.ts';
import type { Transition } from '../core/transition.ts';
import type { FlowRunChange } from '../store/port.ts';
import { factsOf, flowRunMissing, moveFlowRun } from './flow-run-move.ts';
import type { OrchestratorPorts } from './ports.ts';

export interface ContinuePausedRun {
  readonly id: FlowRunId;
  /** As it was sent, with exact numbers; `null` for none. */
  readonly input: unknown;
  readonly client: ProtocolClient;
}

export type PauseAnswer =
  | Transition<FlowRun>
  /** It is not paused. */
  | { readonly status: 'not-paused'; readonly reason: string }
  /** The input does not fit; the run stays paused. */
  | { readonly status: 'bad-input'; readonly reason: string; readonly state: State };

type Input = { readonly ok: true; readonly text: string | null } | { readonly ok: false; readonly reason: string };

/** `not-found` when there is no such run. */
export async function continuePausedRun(ports: OrchestratorPorts, request: ContinuePausedRun): Promise<PauseAnswer> {
  const { storage, clock, ids } = ports;
  const found = await storage.readFlowRun(request.id);
  if (found === null) throw flowRunMissing(request.id);
  if (found.state.type !== 'PAUSED') return NOT_PAUSED;
  const keys = found.state.details.runInputKeyset;
  const input: Input = keys === undefined ? { ok: true, text: null } : await readInput(ports, request, keys);
  if (!input.ok) return { status: 'bad-input', reason: input.reason, state: found.state };
  const now = clock.now();
  const stateId = ids.next<StateId>();
  const answer = await storage.changeFlowRun<PauseAnswer | null>(request.id, (run, flow): FlowRunChange<PauseAnswer | null> => {
    if (run === null) return { answer: null };
    if (run.state.id !== found.state.id) return { answer: NOT_PAUSED };
    const proposed: ProposedState =
      run.state.details.pauseReschedule === true ? { type: 'SCHEDULED', name: 'Resuming', scheduledTime: now } : { type: 'RUNNING' };
    const change = moveFlowRun(run, flow, decide(flowPolicy, run.state, proposed, factsOf(run, request), now, stateId), ids);
    const key = keys?.['response'];
    if (change.answer.status !== 'accept' || input.text === null || key === undefined) return change;
    const given = { id: ids.next<FlowRunInputId>(), flowRunId: run.id, key, value: input.text, sender: null, createdAt: now };
    return { ...change, inputs: [given] };
  });
  if (answer === null) throw flowRunMissing(request.id);
  return answer;
}

const NOT_PAUSED: PauseAnswer = Object.freeze({ status: 'not-paused', reason: 'Cannot resume a flow run that is not paused.' });

/** The input as the JSON that is kept; `null` text for an empty one. */
async function readInput({ storage, runInputs }: OrchestratorPorts, request: ContinuePausedRun, keys: Readonly<Record<string, string>>): Promise<Input> {
  if (runInputs === undefined) throw new OstinatoError('unsupported', 'Input can only be checked by a server.');
  const input = JSON.stringify(request.input ?? {});
  const asksForVariables = input.includes('workspace_variable');
  const variables = asksForVariables ? Object.fromEntries((await storage.listVariables({ limit: 1000 })).map(({ name, value }) => [name, value])) : {};
  const schema = await storage.readFlowRunInput(request.id, keys['schema'] ?? '');
  const settled = await runInputs.settle({ input, variables, schema: schema?.value ?? null });
  return settled.ok && settled.text === '{}' ? { ok: true, text: null } : settled;
}
