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
import { EVERYTHING, type Query } from '../core/query.ts';
import { flowPolicy } from '../core/rules/flow-policy.ts';
import type { ProposedState, State } from '../core/state.ts';
import type { Instant } from '../core/time.ts';
import type { Transition } from '../core/transition.ts';
import type { FlowRunChange } from '../store/port.ts';
import { needsOf } from './flow-run-facts.ts';
import { flowRunMissing, proposeState } from './flow-run-move.ts';
import type { InputProblem, OrchestratorPorts, SettledInput } from './ports.ts';

export interface ContinuePausedRun {
  readonly id: FlowRunId;
  /** As it was sent, with exact numbers; `null` for none. */
  readonly input: unknown;
  readonly client: ProtocolClient;
  /** Only if it is still in this state: what it asked for may be another thing by now. */
  readonly onlyFrom?: StateId | undefined;
}

export type PauseAnswer =
  | Transition<FlowRun>
  /** It is not paused. */
  | { readonly status: 'not-paused'; readonly reason: string }
  /** The input does not fit; the run stays paused. */
  | {
      readonly status: 'bad-input';
      readonly reason: string;
      readonly state: State;
      readonly problems: readonly InputProblem[];
    };

type Input = { readonly ok: true; readonly text: string | null } | Extract<SettledInput, { readonly ok: false }>;

/** `not-found` when there is no such run. */
export async function continuePausedRun(ports: OrchestratorPorts, request: ContinuePausedRun): Promise<PauseAnswer> {
  const { storage, clock, ids } = ports;
  const found = await storage.readFlowRun(request.id);
  if (found === null) throw flowRunMissing(request.id);
  if (found.state.type !== 'PAUSED' || (request.onlyFrom !== undefined && request.onlyFrom !== found.state.id))
    return NOT_PAUSED;
  const keys = found.state.details.runInputKeyset;
  const input: Input = keys === undefined ? { ok: true, text: null } : await readInput(ports, request, keys);
  if (!input.ok)
    return { status: 'bad-input', reason: input.reason, state: found.state, problems: input.problems ?? [] };
  const now = clock.now();
  const stateId = ids.next<StateId>();
  const answer = await storage.changeFlowRun<PauseAnswer | null>(
    request.id,
    needsOf(flowPolicy, proposedFrom(found.state, now).type),
    (run, context): FlowRunChange<PauseAnswer | null> => {
      if (run === null) return { answer: null };
      if (run.state.id !== found.state.id) return { answer: NOT_PAUSED };
      const state = proposedFrom(run.state, now);
      const change = proposeState(ports, run, context, { policy: flowPolicy, state, request, now, stateId });
      const key = keys?.['response'];
      if (change.answer.status !== 'accept' || input.text === null || key === undefined) return change;
      const given = {
        id: ids.next<FlowRunInputId>(),
        flowRunId: run.id,
        key,
        value: input.text,
        sender: null,
        createdAt: now,
      };
      return { ...change, inputs: [given] };
    },
  );
  if (answer === null) throw flowRunMissing(request.id);
  return answer;
}

/** A suspended run has no process that could go on. */
function proposedFrom({ details }: State, now: Instant): ProposedState {
  return details.pauseReschedule === true
    ? { type: 'SCHEDULED', name: 'Resuming', scheduledTime: now }
    : { type: 'RUNNING' };
}

const NOT_PAUSED: PauseAnswer = Object.freeze({
  status: 'not-paused',
  reason: 'Cannot resume a flow run that is not paused.',
});

/** The input as the JSON that is kept; `null` text for an empty one. */
async function readInput(
  { storage, runInputs }: OrchestratorPorts,
  request: ContinuePausedRun,
  keys: Readonly<Record<string, string>>,
): Promise<Input> {
  if (runInputs === undefined)
    throw new OstinatoError('unsupported', 'Input can only be checked by a server.', {
      remedy: 'Start one (ostinato server start), and continue the run there.',
    });
  const input = JSON.stringify(request.input ?? {});
  const variables = await variablesFor({ storage }, input);
  const schema = await storage.readFlowRunInput(request.id, keys['schema'] ?? '');
  const settled = await runInputs.settle({ input, variables, schema: schema?.value ?? null });
  return settled.ok && settled.text === '{}' ? { ok: true, text: null } : settled;
}

const FIRST_VARIABLES: Query = {
  where: EVERYTHING,
  sort: [{ field: 'name', direction: 'asc' }],
  limit: 1000,
  offset: 0,
};

/** Variables that a text may ask for, each as its JSON text; none for one that does not look like it. */
export async function variablesFor(
  { storage }: Pick<OrchestratorPorts, 'storage'>,
  text: string,
): Promise<Readonly<Record<string, string>>> {
  if (!text.includes('workspace_variable')) return {};
  const found = await storage.find('variable', FIRST_VARIABLES);
  return Object.fromEntries(found.map(({ name, value, exactValue }) => [name, exactValue ?? JSON.stringify(value)]));
}
