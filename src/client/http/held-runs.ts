/**
 * The flow runs that this process holds, as they are known here: with them a run goes on while the server is away.
 *
 * A run that was moved here while the server was away is moved here until the server has heard of it, so that its states stay
 * in order.
 */

import { OstinatoError } from '../../core/errors.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import type { CreateFlowRun, SetFlowRunState } from '../../core/flow-run-request.ts';
import type { FlowId, FlowRunId, IdSource, StateId } from '../../core/ids.ts';
import { openFlowRun } from '../../core/rules/apply-flow-run.ts';
import { randomRunName } from '../../core/run-name.ts';
import { stampState } from '../../core/state.ts';
import type { Clock } from '../../core/time.ts';
import type { Transition } from '../../core/transition.ts';
import { ToldRuns, type ToldRun } from '../told-runs.ts';
import { carriedOut, decideHere } from './local-decision.ts';
import type { Outbox } from './outbox.ts';
import type { StepMemory } from './steps.ts';

export interface HeldRunsParts {
  readonly clock: Clock;
  readonly ids: IdSource;
  /** Draws 0 ≤ x < 1. */
  readonly random: () => number;
  readonly outbox: Outbox;
  readonly steps: StepMemory;
}

export class HeldRuns {
  readonly #parts: HeldRunsParts;
  readonly #told = new ToldRuns();

  constructor(parts: HeldRunsParts) {
    this.#parts = parts;
  }

  get(id: FlowRunId): FlowRun | null {
    return this.#told.get(id);
  }

  all(): readonly ToldRun[] {
    return this.#told.all();
  }

  /** The run as it is now, by the server's word or by a decision here. */
  keep(run: FlowRun): FlowRun {
    const { steps } = this.#parts;
    if (!this.#told.keep(run)) steps.forget(run.id);
    else if ((run.policy.retries ?? 0) > 0) steps.watch(run.id);
    return run;
  }

  /** A run that the server will hear of later. */
  create(request: CreateFlowRun): FlowRun {
    const { clock, ids, random, outbox } = this.#parts;
    const now = clock.now();
    const { id, flowName, flowVersion, parameters, tags, labels, policy, durability, parentTaskRunId, parentFlowRunId, entrypoint, processId } = request;
    const run = openFlowRun({
      id, flowName, flowVersion, parameters, tags, labels, policy, durability, parentTaskRunId, parentFlowRunId, entrypoint,
      flowId: ids.next<FlowId>(),
      name: request.name ?? randomRunName(random),
      idempotencyKey: request.idempotencyKey ?? null,
      lease: processId === undefined ? null : { processId, token: 1 },
      submission: request.submission ?? null,
      createdAt: now,
    }, stampState(request.state ?? { type: 'PENDING' }, ids.next<StateId>(), now));
    outbox.add({ kind: 'created', request, run });
    return this.keep(run);
  }

  /** Moves a run by the rules alone. */
  move(run: FlowRun, request: SetFlowRunState): Transition<FlowRun> {
    const { clock, ids, outbox } = this.#parts;
    if (request.leaseToken !== undefined && request.leaseToken !== run.lease?.token) {
      throw new OstinatoError('lease-lost', `Flow run ${run.name} (${run.id}) is no longer held under lease ${request.leaseToken}.`);
    }
    const answer = carriedOut(run, decideHere(run, request, clock.now(), ids.next<StateId>()));
    if (answer.run !== run) {
      outbox.add({ kind: 'moved', run: answer.run, states: [answer.run.state], before: this.#told.statesOf(run.id) });
      this.keep(answer.run);
    }
    return answer;
  }
}
