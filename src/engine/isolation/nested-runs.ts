/**
 * The program's side of the runs that an isolated body starts: records them, answers what they ask, and ends what the
 * body's isolate has left behind when it was ended by force.
 *
 * 1. A cache key that one body computes is busy for all others of this process, wherever they run.
 * 2. When the isolate is gone, every run that was open in it ends, every claim is given back, before the body's own
 *    failure is told.
 */

import type { LiveRecord } from '../../client/recorder.ts';
import { askControl, type ControlAsk } from '../../client/control/by-name.ts';
import type { ClaimCacheKey } from '../../client/port.ts';
import type { CacheClaim } from '../../core/cache-record.ts';
import type { Durability } from '../../core/durability.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { TagSlots, TakeTagSlots } from '../../core/concurrency/tag-slots.ts';
import type { ConcurrencyLeaseId, FlowRunId, StateId, TaskRunId } from '../../core/ids.ts';
import { endTaskRun } from '../../core/rules/end-task-run.ts';
import { isTerminal, type ProposedState } from '../../core/state.ts';
import type { Participation } from '../../core/participation.ts';
import type { TaskRun, TaskRunRecord } from '../../core/task-run.ts';
import type { Transition } from '../../core/transition.ts';
import type { StopReason } from '../cancellation.ts';
import type { FlowScope, OpenedStep } from '../flow-scope.ts';
import { NO_VALUES } from '../kept-values.ts';
import type { OpenTransaction } from '../open-transaction.ts';
import { Participant } from '../participant.ts';
import type { EnginePorts } from '../ports.ts';
import { recordOf } from '../recalled-task.ts';
import { flightsOf } from '../single-flight.ts';
import { takeRecorded } from '../step.ts';
import { tagLeasesOf } from '../tag-slots.ts';
import { isClientMethod, type ClientMethod, type ProgramMethod, type Sight } from './protocol.ts';

type Settlement = Parameters<EnginePorts['client']['settleCacheClaim']>[0];

export class NestedRuns {
  readonly #ports: EnginePorts;
  readonly #flow: FlowScope | null;
  /** The transaction around the body: what the body calls belongs to it. */
  readonly #transaction: OpenTransaction | null;
  readonly #tasks = new Map<TaskRunId, LiveRecord>();
  readonly #flowRuns = new Set<FlowRunId>();
  readonly #leases = new Set<ConcurrencyLeaseId>();
  /** Task runs that wait for slots. */
  readonly #waiting = new Set<string>();
  readonly #onWaiting: (isWaiting: boolean) => void;
  readonly #claims = new Map<string, { readonly request: ClaimCacheKey; readonly land: () => void }>();

  /**
   * @param flow the run around the body, whose steps the body's tasks are
   * @param onWaiting hears when something that the body has called begins, and stops, to wait for slots that others
   * hold
   */
  constructor(
    ports: EnginePorts,
    flow: FlowScope | null,
    onWaiting: (isWaiting: boolean) => void,
    transaction: OpenTransaction | null = null,
  ) {
    this.#transaction = transaction;
    this.#onWaiting = onWaiting;
    this.#ports = ports;
    this.#flow = flow;
  }

  touch(record: TaskRunRecord): void {
    this.#ports.recorder.touch(this.#liveOf(record));
  }

  see(sight: Sight): void {
    if (sight.what === 'logged') this.#ports.recorder.log(sight.record);
    for (const observer of this.#ports.observers) {
      if (sight.what === 'logged') observer.logged?.(sight.record, sight.runName, sight.printed);
      else if (sight.what === 'flowRunChanged') observer.flowRunChanged?.(sight.run, sight.state);
      else if (sight.what === 'mapProgressed') observer.mapProgressed?.(sight.progress);
      else observer.noticed?.(sight.level, sight.message);
    }
  }

  countReused(): void {
    if (this.#flow) this.#flow.reused += 1;
  }

  async answer(method: ProgramMethod, args: readonly unknown[]): Promise<unknown> {
    const { client, recorder } = this.#ports;
    switch (method) {
      case 'writeResult':
        return await client.results.write(...(args as Parameters<typeof client.results.write>));
      case 'readResult':
        return await client.results.read(...(args as Parameters<typeof client.results.read>));
      case 'askControl':
        return await askControl(client.control, ...(args as Parameters<ControlAsk>));
      case 'settle':
        return await this.#settle(...(args as [TaskRunRecord, Durability]));
      case 'openStep':
        return this.#openStep(...(args as [string, readonly string[]]));
      case 'claimCacheKey':
        return await this.#claim(args[0] as ClaimCacheKey);
      case 'settleCacheClaim':
        return await this.#settleClaim(args[0] as Settlement);
      case 'flush': {
        await recorder.flush();
        if (recorder.trouble !== null) throw recorder.trouble;
        return undefined;
      }
      default:
        return await this.#ask(method, args);
    }
  }

  /** The isolate was ended: ends every run that was open in it. */
  async endAll(evidence: string, reason: StopReason | undefined): Promise<void> {
    const end: ProposedState =
      reason?.kind === 'cancel'
        ? { type: 'CANCELLED', message: evidence }
        : { type: 'CRASHED', message: evidence, evidence };
    for (const record of this.#tasks.values()) await this.#endTask(record, end);
    for (const id of this.#flowRuns) await this.#ports.client.setFlowRunState({ id, state: end, force: true });
    for (const id of this.#leases) await this.#giveBack(id);
    for (const [key, { request }] of this.#claims)
      await this.#settleClaim({ key, taskRunId: request.taskRunId, processId: request.processId, entry: null });
  }

  async #ask(method: ClientMethod, args: readonly unknown[]): Promise<unknown> {
    if (method === 'releaseLease') return await this.#giveBack(args[0] as ConcurrencyLeaseId);
    // The method's name comes from another thread or process.
    if (!isClientMethod(method))
      throw new OstinatoError('unsupported', `${String(method)} cannot be asked from inside an isolated task.`, {
        remedy: 'Ask for it in the flow, and give the task what it answers.',
      });
    const { client } = this.#ports;
    const answer = await (client[method] as (...args: readonly unknown[]) => unknown).apply(client, args as unknown[]);
    if (method === 'takeTagSlots') this.#hold((args[0] as TakeTagSlots).taskRunId, answer as TagSlots);
    if (method === 'createFlowRun') this.#follow(answer as FlowRun);
    if (method === 'setFlowRunState' || method === 'resumeFlowRun') this.#follow((answer as Transition<FlowRun>).run);
    return answer;
  }

  #hold(taskRunId: TaskRunId, answer: TagSlots): void {
    if (answer.outcome === 'full') this.#waiting.add(taskRunId);
    else this.#waiting.delete(taskRunId);
    this.#onWaiting(this.#waiting.size > 0);
    if (answer.outcome !== 'taken') return;
    this.#leases.add(answer.leaseId);
    tagLeasesOf(this.#ports).hold(answer.leaseId);
  }

  async #giveBack(id: ConcurrencyLeaseId): Promise<boolean> {
    await tagLeasesOf(this.#ports).end(id);
    return this.#leases.delete(id);
  }

  /** Follows runs that other processes hold; this process only waits for them. */
  #follow(run: FlowRun): void {
    if (isTerminal(run.state) || run.lease?.processId !== this.#ports.process.id) this.#flowRuns.delete(run.id);
    else this.#flowRuns.add(run.id);
  }

  #liveOf({ run, states }: TaskRunRecord): LiveRecord {
    const live = this.#tasks.get(run.id) ?? { run, states: [], queued: false };
    this.#tasks.set(run.id, live);
    live.run = run;
    live.states.push(...states);
    for (const state of states)
      for (const observer of this.#ports.observers) observer.taskRunChanged?.({ ...run, state }, state);
    return live;
  }

  async #settle(record: TaskRunRecord, durability: Durability): Promise<void> {
    const live = this.#liveOf(record);
    if (isTerminal(record.run.state)) this.#tasks.delete(record.run.id);
    const transaction = this.#transaction;
    const counts = transaction !== null && live.run.state.type === 'COMPLETED' && live.run.state.name !== 'Cached';
    if (counts) live.run = { ...live.run, participation: nestedIn(transaction, live.run.participation) };
    await this.#ports.recorder.settle(live, durability);
    if (!counts) return;
    if (live.run.state.name === 'RolledBack') transaction.leave(live.run.id);
    else await this.#join(live.run, transaction);
  }

  /** Such a task has no transaction hooks: hooks could not run here, so it would have been refused. */
  async #join(run: TaskRun, transaction: OpenTransaction): Promise<void> {
    const nothing = async (): Promise<void> => {};
    await transaction.join(
      new Participant({
        id: run.id,
        name: run.name,
        onCommit: [],
        onRollback: [],
        missing: null,
        participation: nestedIn(transaction, run.participation),
        facts: {
          taskName: run.taskName,
          around: transaction,
          kept: NO_VALUES,
          unkept: [],
          inputNames: null,
          inputs: { ok: true, value: [] },
          result: { ok: true, value: undefined },
        },
        frame: transaction.hookFrame,
        staged: null,
        record: recordOf(this.#ports, run.id),
        keep: nothing,
        giveBack: nothing,
        onRolledBack: () => {},
        isCommitted: false,
      }),
    );
  }

  async #endTask(live: LiveRecord, end: ProposedState): Promise<void> {
    const record = endTaskRun(live.run, end, this.#ports.clock.now(), this.#ports.ids.next<StateId>());
    if (record !== null) await this.#settle(record, live.run.durability);
  }

  #openStep(taskKey: string, steps: readonly string[]): OpenedStep {
    const flow = this.#flow;
    for (const step of steps) {
      const recorded = takeRecorded(flow, step, this.#transaction);
      if (recorded) return { recorded, ordinal: flow?.nextOrdinal(taskKey) ?? 0 };
    }
    return { recorded: undefined, ordinal: flow?.nextOrdinal(taskKey) ?? 0 };
  }

  async #claim(request: ClaimCacheKey): Promise<CacheClaim> {
    const flights = flightsOf(this.#ports);
    if (flights.of(request.key)) return { status: 'busy', holder: request.taskRunId };
    const land = flights.start(request.key);
    try {
      const answer = await this.#ports.client.claimCacheKey(request);
      if (answer.status === 'claimed') this.#claims.set(request.key, { request, land });
      else land();
      return answer;
    } catch (error) {
      land();
      throw error;
    }
  }

  async #settleClaim(settlement: Settlement): Promise<void> {
    const { key } = settlement;
    try {
      await this.#ports.client.settleCacheClaim(settlement);
    } finally {
      this.#claims.get(key)?.land();
      this.#claims.delete(key);
    }
  }
}

/** Records that the body's own transactions, if it opened some, lie inside the surrounding one. */
function nestedIn(transaction: OpenTransaction, own: Participation | undefined): Participation {
  const around = transaction.within();
  if (own && own.within[0] === around[0]) return own;
  return {
    within: [...around, ...(own?.within ?? [])],
    inputs: null,
    values: null,
    unkept: [],
    hooks: null,
    decision: null,
  };
}
