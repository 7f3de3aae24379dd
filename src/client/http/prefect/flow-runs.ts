/**
 * Flow runs on Prefect's server.
 *
 * A run that this process holds is moved by our own rules, which know more than that server has fields for (a delay for
 * each retry, failures that no retry helps); what they decide is proposed. The server has the last word: it may know of
 * a cancellation that this process has not heard of.
 */

import type { FlowRun, RunLease } from '../../../core/flow-run.ts';
import type {
  CreateFlowRun,
  FlowWords,
  ResumeFlowRun,
  SetFlowRunState,
  UpdateFlowRun,
} from '../../../core/flow-run-request.ts';
import { OstinatoError } from '../../../core/errors.ts';
import { prioritiesUnknown } from '../../../core/run-priority.ts';
import type { FlowRunId, StateId } from '../../../core/ids.ts';
import { applyToFlowRun } from '../../../core/rules/apply-flow-run.ts';
import { decide } from '../../../core/rules/decide.ts';
import type { Decision } from '../../../core/rules/decision.ts';
import { resumePolicy } from '../../../core/rules/flow-policy.ts';
import { stampState, type State } from '../../../core/state.ts';
import type { Transition } from '../../../core/transition.ts';
import type { TaskRun } from '../../../core/task-run.ts';
import { rawJson } from '../../../contract/wire-json.ts';
import { applyDecision, decideHere, factsOf, writtenBy } from '../local-decision.ts';
import { Unavailable } from '../transport.ts';
import { number, object, text } from './fields.ts';
import { entrypointLabels, flowRunLabels, ownRunId } from './marks.ts';
import type { RunIds } from './run-ids.ts';
import { flowRunFrom } from './runs-from.ts';
import { stateFrom, stateToPropose } from './state.ts';
import { taskRunFields, type KnownFlowRun } from './task-events.ts';
import type { TaskInputs } from './task-inputs.ts';
import type { Entity, PrefectParts, PrefectWire } from './wire.ts';

/** The server's limit on the size of all parameters together. */
const PARAMETERS_CHARS_MAX = 500_000;

/** Tries over an unreliable connection. */
const TRIALS_MAX = 5;

export class PrefectFlowRuns {
  readonly #parts: PrefectParts;
  readonly #wire: PrefectWire;
  readonly #ids: RunIds;
  readonly #inputs: TaskInputs;
  readonly #flowIds = new Map<string, string>();
  readonly #flowNames = new Map<string, string>();

  constructor(parts: PrefectParts, wire: PrefectWire, ids: RunIds, inputs: TaskInputs) {
    this.#parts = parts;
    this.#wire = wire;
    this.#ids = ids;
    this.#inputs = inputs;
  }

  /** @param first the name and state of a run that exists here already */
  async create(request: CreateFlowRun, first?: { readonly name: string; readonly state: State }): Promise<FlowRun> {
    const { clock, ids } = this.#parts;
    const flowId = await this.#flowId(request.flowName);
    if (request.placeholder) await this.#makePlaceholder(request.placeholder);
    const state = first?.state ?? stampState(request.state ?? { type: 'PENDING' }, ids.next<StateId>(), clock.now());
    const name = first?.name ?? request.name;
    const { status, plain, exact } = await this.#wire.ask('POST', '/flow_runs/', {
      ...(name === undefined ? {} : { name }),
      flow_id: flowId,
      flow_version: request.flowVersion,
      parameters: await this.#parameters(request),
      parent_task_run_id: request.parentTaskRunId,
      empirical_policy: {
        retries: request.policy.retries,
        retry_delay: Math.round(request.policy.retryDelaySeconds[0] ?? 0),
      },
      tags: request.tags,
      labels: flowRunLabels(request),
      idempotency_key: request.idempotencyKey ?? request.id,
      state: stateToPropose(state, null),
    });
    const made = flowRunFrom(plain, exact, request.flowName);
    const isOwn = status === 201 || ownRunId(object(plain['labels'])) === request.id;
    if (!isOwn) return this.#ids.translated(made);
    this.#ids.learn(request.id, made);
    return { ...made, ...ownFacts(request) };
  }

  async setState(request: SetFlowRunState, known: FlowRun | null): Promise<Transition<FlowRun>> {
    const run = known ?? (await this.require(request.id));
    const { clock, ids } = this.#parts;
    const decision = decideHere(run, request, clock.now(), ids.next<StateId>());
    if (writtenBy(decision) === null && known !== null) return applyDecision(run, decision);
    const proposed = writtenBy(decision) ?? stampState(request.state, ids.next<StateId>(), clock.now());
    // Without this, the server would open a retry for a failure that is final.
    const isFinalFailure = proposed.type === 'FAILED' && run.policy.retries !== 0;
    return await this.#propose(run, decision, proposed, request.force === true || isFinalFailure);
  }

  /** That server keeps no leases and no processes. */
  async resume({
    id,
    processId,
    transitionId,
    handedOver,
    isQueued,
    words,
  }: ResumeFlowRun): Promise<Transition<FlowRun>> {
    if (isQueued) {
      const refused = await this.#claim(id);
      if (refused !== null) return { status: 'abort', reason: refused, run: await this.require(id) };
    }
    const run = await this.require(id);
    if (handedOver !== undefined || isQueued) {
      const taken = takeClaimed(run, { processId, token: handedOver?.token ?? 0 });
      return taken.status === 'accept' ? { ...taken, run: await this.#told(taken.run, words) } : taken;
    }
    const { clock, ids } = this.#parts;
    const now = clock.now();
    const proposed = {
      type: 'SCHEDULED',
      scheduledTime: now,
      message: 'A new attempt was opened.',
      ...(transitionId === undefined ? {} : { details: { transitionId } }),
    } as const;
    const decision = decide(resumePolicy, run.state, proposed, factsOf(run), now, ids.next<StateId>());
    const state = writtenBy(decision);
    if (state === null) return applyDecision(run, decision);
    const answer = await this.#propose(run, decision, state, true);
    return { ...answer, run: { ...answer.run, lease: { processId, token: (run.lease?.token ?? 0) + 1 } } };
  }

  /** Of those who propose Pending, one is accepted. Answers why it is not given. */
  async #claim(id: FlowRunId): Promise<string | null> {
    const remoteId = await this.remoteId(id);
    const state = { type: 'PENDING' };
    const { plain } = await this.#wire.ask('POST', `/flow_runs/${remoteId}/set_state`, { state }, { once: true });
    if (plain['status'] === 'ACCEPT') return null;
    return text(object(plain['details'])['reason']) ?? `The server answered ${String(plain['status'])}.`;
  }

  /** What that server can store of it; the rest counts here. */
  async #told(run: FlowRun, words: FlowWords | undefined): Promise<FlowRun> {
    if (words === undefined || run.parameters.kind !== 'foreign' || run.runCount > 0) return run;
    const tags = [...new Set([...run.tags, ...words.tags])];
    const labels = { ...run.labels, ...words.labels };
    const { policy, flowVersion, entrypoint, durability } = words;
    await this.update(run.id, { tags, labels, entrypoint });
    return { ...run, flowVersion, entrypoint, durability, tags, labels, policy: { ...run.policy, ...policy } };
  }

  /** Records states that were entered already: forced, without the server's rules. */
  async tell(id: FlowRunId, states: readonly State[]): Promise<void> {
    const remoteId = await this.remoteId(id);
    const told = await this.#marksOf(remoteId);
    for (const state of states) {
      const mark = state.details.transitionId ?? state.id;
      if (!told.has(mark)) await this.#setState(remoteId, state, mark, true);
    }
  }

  /** Transition ids of the proposals that became states. */
  async #marksOf(remoteId: string): Promise<ReadonlySet<string>> {
    const found = await this.#wire.list('GET', `/flow_run_states/?flow_run_id=${remoteId}`);
    return new Set(found.flatMap(({ plain }) => text(object(plain['state_details'])['transition_id']) ?? []));
  }

  /**
   * The server recognises a repeated proposal by its transition id, but not a forced one: then the states are read
   * before it is sent again.
   */
  async #setState(remoteId: string, state: State, mark: string, force: boolean): Promise<Entity> {
    const body = { state: stateToPropose(state, mark), force };
    for (let trial = 1; ; trial += 1) {
      try {
        return await this.#wire.ask('POST', `/flow_runs/${remoteId}/set_state`, body, { once: force });
      } catch (error) {
        if (!force || trial === TRIALS_MAX || !(error instanceof Unavailable) || !error.isAmbiguous) throw error;
        const run = await this.#wire.find(`/flow_runs/${remoteId}`);
        const current = { plain: object(run?.plain['state']), exact: object(run?.exact['state']) };
        if (object(current.plain['state_details'])['transition_id'] !== mark) continue;
        return { plain: { status: 'ACCEPT', state: current.plain }, exact: { status: 'ACCEPT', state: current.exact } };
      }
    }
  }

  async update(id: FlowRunId, { name, tags, labels, entrypoint, priority }: UpdateFlowRun): Promise<void> {
    if (priority !== undefined) throw prioritiesUnknown();
    const remoteId = await this.remoteId(id);
    const change = { ...(name === undefined ? {} : { name }), ...(tags === undefined ? {} : { tags }) };
    const marks = { ...labels, ...(entrypoint ? entrypointLabels(entrypoint) : {}) };
    if (Object.keys(change).length > 0) await this.#wire.ask('PATCH', `/flow_runs/${remoteId}`, change);
    if (Object.keys(marks).length > 0) await this.#wire.ask('PATCH', `/flow_runs/${remoteId}/labels`, marks);
  }

  async read(id: FlowRunId): Promise<FlowRun | null> {
    const found = (await this.#wire.find(`/flow_runs/${this.#ids.remote(id)}`)) ?? (await this.#findByKey(id));
    return found === null ? null : await this.fromWire(found);
  }

  async require(id: FlowRunId): Promise<FlowRun> {
    const run = await this.read(id);
    if (run === null)
      throw new OstinatoError('not-found', `There is no flow run ${id}.`, {
        remedy: '`ostinato flow-run ls` shows the runs there are.',
      });
    return run;
  }

  /** The server's id of the run, also for runs of earlier processes. */
  async remoteId(id: FlowRunId): Promise<string> {
    return (await this.knownOrFound(id))?.remoteId ?? id;
  }

  async knownOrFound(id: FlowRunId): Promise<KnownFlowRun | null> {
    const known = this.#ids.known(id);
    if (known !== null) return known;
    const found = (await this.#findByKey(id)) ?? (await this.#wire.find(`/flow_runs/${id}`));
    if (found === null) return null;
    this.#ids.learn(
      id,
      flowRunFrom(found.plain, found.exact, await this.#flowName(text(found.plain['flow_id']) ?? '')),
    );
    return this.#ids.known(id);
  }

  async fromWire({ plain, exact }: Entity): Promise<FlowRun> {
    const run = flowRunFrom(plain, exact, await this.#flowName(text(plain['flow_id']) ?? ''));
    return this.#ids.translated(run);
  }

  async #findByKey(id: FlowRunId): Promise<Entity | null> {
    const [found] = await this.#wire.list('POST', '/flow_runs/filter', {
      flow_runs: { idempotency_key: { any_: [id] } },
      limit: 1,
    });
    return found ?? null;
  }

  async #propose(run: FlowRun, decision: Decision, proposed: State, force: boolean): Promise<Transition<FlowRun>> {
    const mark = proposed.details.transitionId ?? proposed.id;
    const remoteId = await this.remoteId(run.id);
    const { plain, exact } = await this.#setState(remoteId, proposed, mark, force);
    const details = object(plain['details']);
    const reason = text(details['reason']) ?? 'The server did not say why.';
    const state = stateFrom(object(plain['state']), object(exact['state']));
    // A repeated request is rejected with the state that the first one created.
    const isOurs = plain['status'] === 'ACCEPT' || state.details.transitionId === mark;
    if (isOurs) {
      const stamped = { ...proposed, id: state.id, timestamp: state.timestamp } as State;
      const effects = 'effects' in decision ? decision.effects : undefined;
      const moved = applyToFlowRun(run, stamped, effects);
      return decision.status === 'reject'
        ? { status: 'reject', state: stamped, written: true, reason: decision.reason, run: moved }
        : { status: 'accept', state: stamped, run: moved };
    }
    if (plain['status'] === 'WAIT')
      return { status: 'wait', delaySeconds: number(details['delay_seconds']) ?? 1, reason, run };
    if (plain['status'] === 'ABORT') return { status: 'abort', reason, run };
    const written = state.id !== run.state.id;
    return { status: 'reject', state, written, reason, run: written ? applyToFlowRun(run, state) : run };
  }

  async #makePlaceholder(run: TaskRun): Promise<void> {
    const flowRunId = run.flowRunId === null ? null : await this.remoteId(run.flowRunId);
    await this.#wire.ask('POST', '/task_runs/', {
      ...taskRunFields(run, (edge) => this.#inputs.wire(edge, run.flowRunId)),
      id: run.id,
      flow_run_id: flowRunId,
      state: { type: 'PENDING' },
    });
    this.#inputs.placed(run.id);
  }

  async #flowId(name: string): Promise<string> {
    const known = this.#flowIds.get(name);
    if (known !== undefined) return known;
    const { plain } = await this.#wire.ask('POST', '/flows/', { name });
    const id = text(plain['id']) ?? '';
    this.#flowIds.set(name, id);
    this.#flowNames.set(id, name);
    return id;
  }

  async #flowName(id: string): Promise<string> {
    const known = this.#flowNames.get(id);
    if (known !== undefined) return known;
    const found = await this.#wire.find(`/flows/${id}`);
    const name = text(found?.plain['name']) ?? '';
    this.#flowNames.set(id, name);
    return name;
  }

  async #parameters({ parameters }: CreateFlowRun): Promise<unknown> {
    if (parameters.kind === 'unpersisted') return {};
    const json = parameters.kind === 'stored' ? await this.#parts.results.read(parameters.key) : parameters.text;
    if (json === null || json.length > PARAMETERS_CHARS_MAX) return {};
    return /^\s*\{/.test(json) ? rawJson(json) : { value: rawJson(json) };
  }
}

/** Claimed before by this process: that server made it Pending for one of those who asked. */
function takeClaimed(run: FlowRun, { processId, token }: RunLease): Transition<FlowRun> {
  if (run.state.type !== 'PENDING')
    return { status: 'abort', reason: `Run is ${run.state.name}: it was taken away before it began.`, run };
  return { status: 'accept', state: run.state, run: { ...run, lease: { processId, token: token + 1 } } };
}

/** Fields of the request that the server cannot store. */
function ownFacts(request: CreateFlowRun): Partial<FlowRun> {
  const { id, parameters, policy, durability, parentFlowRunId, parentTaskRunId, labels, entrypoint, processId } =
    request;
  return {
    id,
    parameters,
    policy,
    durability,
    parentFlowRunId,
    parentTaskRunId,
    labels,
    entrypoint,
    idempotencyKey: request.idempotencyKey ?? null,
    lease: processId === undefined ? null : { processId, token: 1 },
    runner: request.runner,
    submission: null,
  };
}
