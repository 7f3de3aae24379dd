/**
 * The flow runs that this process holds, as they are known here: with them a run goes on while the server is away.
 *
 * A run that was moved here while the server was away is moved here until the server has heard of it, so that its
 * states stay in order.
 */

import { OstinatoError } from '../../core/errors.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import type { CreateFlowRun, SetFlowRunState, UpdateFlowRun } from '../../core/flow-run-request.ts';
import type { FlowId, FlowRunId, IdSource, StateId } from '../../core/ids.ts';
import { openFlowRun } from '../../core/rules/apply-flow-run.ts';
import { randomRunName } from '../../core/run-name.ts';
import { stampState } from '../../core/state.ts';
import type { Clock } from '../../core/time.ts';
import type { Transition } from '../../core/transition.ts';
import { ToldRuns, type ToldRun } from '../told-runs.ts';
import { applyDecision, decideHere } from './local-decision.ts';
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

  /** Remembers the run as the server answered it, or as it was decided here, and returns it. */
  keep(run: FlowRun): FlowRun {
    const { steps } = this.#parts;
    if (!this.#told.keep(run)) steps.forget(run.id);
    else if ((run.policy.retries ?? 0) > 0) steps.watch(run.id);
    return run;
  }

  /** What was changed of a run counts from now on, whoever decides about it. */
  amend(id: FlowRunId, { tags, labels, policy, flowVersion, entrypoint }: UpdateFlowRun): void {
    const run = this.get(id);
    if (run === null) return;
    this.keep({
      ...run,
      tags: tags ?? run.tags,
      labels: labels ?? run.labels,
      policy: { ...run.policy, ...policy },
      flowVersion: flowVersion ?? run.flowVersion,
      entrypoint: entrypoint ?? run.entrypoint,
    });
  }

  /** Creates a run that the server will be told about later. */
  create(request: CreateFlowRun): FlowRun {
    const { clock, ids, random, outbox } = this.#parts;
    const now = clock.now();
    const {
      id,
      flowName,
      flowVersion,
      parameters,
      tags,
      labels,
      policy,
      durability,
      parentTaskRunId,
      parentFlowRunId,
      entrypoint,
      processId,
    } = request;
    const run = openFlowRun(
      {
        id,
        flowName,
        flowVersion,
        parameters,
        tags,
        labels,
        policy,
        durability,
        parentTaskRunId,
        parentFlowRunId,
        entrypoint,
        flowId: ids.next<FlowId>(),
        name: request.name ?? randomRunName(random),
        idempotencyKey: request.idempotencyKey ?? null,
        lease: processId === undefined ? null : { processId, token: 1 },
        runner: request.runner,
        submission: request.submission ?? null,
        createdAt: now,
      },
      stampState(request.state ?? { type: 'PENDING' }, ids.next<StateId>(), now),
    );
    outbox.add({ kind: 'created', request, run });
    return this.keep(run);
  }

  /** Decides a transition by the rules alone, without the server. */
  move(run: FlowRun, request: SetFlowRunState): Transition<FlowRun> {
    const { clock, ids, outbox } = this.#parts;
    if (request.leaseToken !== undefined && request.leaseToken !== run.lease?.token) {
      throw new OstinatoError(
        'lease-lost',
        `Flow run ${run.name} (${run.id}) is no longer held under lease ${request.leaseToken}.`,
      );
    }
    const answer = applyDecision(run, decideHere(run, request, clock.now(), ids.next<StateId>()));
    if (answer.run !== run) {
      outbox.add({ kind: 'moved', run: answer.run, states: [answer.run.state], before: this.#told.statesOf(run.id) });
      this.keep(answer.run);
    }
    return answer;
  }
}
