/**
 * Prefect's own server (3.x) behind the client port.
 *
 * It knows no leases, no processes and no cache of tasks: who holds a run is known in its process alone, and a run
 * whose process is gone stays Running there until somebody says otherwise. Cached results are shared by the runs of one
 * home (`CacheBook`).
 */

import type { FlowRun, FlowSummary } from '../../../core/flow-run.ts';
import type { FlowRunId } from '../../../core/ids.ts';
import { matching, ofFlow, type KeyPage, type ListedNoun } from '../../../core/list-query.ts';
import { allOf, EVERYTHING, type Condition, type EntityByNoun } from '../../../core/query.ts';
import { isTerminal, STATE_TYPES, type State, type StateCounts, type StateType } from '../../../core/state.ts';
import { secondsBetween, type Instant } from '../../../core/time.ts';
import type { Transition } from '../../../core/transition.ts';
import type { ControlClient } from '../../control/client.ts';
import type { CacheBook } from '../cache-book.ts';
import { controlOverHttp } from '../control-wire.ts';
import { explainFromReads } from '../explain.ts';
import type { OutboxEntry, Remote } from '../remote.ts';
import { tellControl } from '../tolerant-control.ts';
import { PrefectFlowRuns } from './flow-runs.ts';
import { askedOf, bodyOf, Cursors, meets, type Asked } from './lists.ts';
import { PrefectLogs } from './logs.ts';
import { RunIds } from './run-ids.ts';
import { flowFrom, flowRunFrom } from './runs-from.ts';
import { stateFrom } from './state.ts';
import { TaskInputs } from './task-inputs.ts';
import { PrefectTaskRuns } from './task-runs.ts';
import { PrefectTagSlots } from './tag-slots.ts';
import { PrefectWire, type PrefectParts } from './wire.ts';

/** Seconds between polls for cancellations requested elsewhere: one small request a process. */
const CANCELLATIONS_PAUSE_SECONDS = 2;

type Lists = { readonly [N in ListedNoun]: (page: KeyPage<N>) => Promise<readonly EntityByNoun[N][]> };

class PrefectServer {
  readonly #parts: PrefectParts;
  readonly wire: PrefectWire;
  readonly ids = new RunIds();
  readonly flowRuns: PrefectFlowRuns;
  readonly taskRuns: PrefectTaskRuns;
  readonly logs: PrefectLogs;
  readonly control: ControlClient;
  readonly #cursors = new Cursors();
  /** Runs of this process that have not ended. */
  readonly #held = new Set<FlowRunId>();
  #askedAt = 0 as Instant;
  #cancelling: readonly FlowRunId[] = [];

  constructor(parts: PrefectParts) {
    this.#parts = parts;
    this.wire = new PrefectWire(parts);
    const inputs = new TaskInputs(this.ids);
    this.flowRuns = new PrefectFlowRuns(parts, this.wire, this.ids, inputs);
    this.taskRuns = new PrefectTaskRuns(this.wire, this.ids, this.flowRuns, inputs);
    this.logs = new PrefectLogs(this.wire, this.ids, this.flowRuns);
    this.control = controlOverHttp('prefect', parts, {
      remote: (id) => this.flowRuns.remoteId(id),
      own: (id) => this.ids.own(id),
    });
  }

  /** Keeps the set of runs that this process holds up to date. */
  watched(run: FlowRun): FlowRun {
    if (run.lease === null || isTerminal(run.state)) this.#held.delete(run.id);
    else this.#held.add(run.id);
    return run;
  }

  async cancellations(): Promise<readonly FlowRunId[]> {
    const now = this.#parts.clock.now();
    if (this.#held.size === 0) return [];
    if (secondsBetween(this.#askedAt, now) < CANCELLATIONS_PAUSE_SECONDS) return this.#cancelling;
    this.#askedAt = now;
    const where = matching({ id: [...this.#held], stateType: ['CANCELLING', 'CANCELLED'] });
    const found = await this.listFlowRuns({ where, limit: 200 });
    return (this.#cancelling = found.map(({ id }) => id));
  }

  /** Runs newest first by when they began, or oldest first. */
  async listFlowRuns({
    where = EVERYTHING,
    direction = 'desc',
    after,
    limit = 50,
  }: KeyPage<'flow_run'>): Promise<readonly FlowRun[]> {
    const { body, rest } = this.asked('flow_run', where);
    const { rows, next } = await this.wire.pages(
      '/flow_runs/filter',
      { ...body, sort: direction === 'asc' ? 'START_TIME_ASC' : 'START_TIME_DESC' },
      {
        offset: this.#cursors.offsetAfter(after),
        limit,
        ...(rest === null
          ? {}
          : { wanted: ({ plain, exact }) => meets(this.ids.translated(flowRunFrom(plain, exact, '')), rest) }),
      },
    );
    const runs: FlowRun[] = [];
    for (const row of rows) runs.push(await this.flowRuns.fromWire(row));
    this.#cursors.remember(runs.at(-1)?.id, next);
    return runs;
  }

  async flowRunStates(id: FlowRunId): Promise<readonly State[]> {
    const found = await this.wire.list('GET', `/flow_run_states/?flow_run_id=${await this.flowRuns.remoteId(id)}`);
    return found.map(({ plain, exact }) => stateFrom(plain, exact)).sort((a, b) => a.timestamp - b.timestamp);
  }

  async listFlows({
    where = EVERYTHING,
    direction = 'asc',
    after,
    limit = 50,
  }: KeyPage<'flow_summary'>): Promise<readonly FlowSummary[]> {
    const { rows, next } = await this.wire.pages(
      '/flows/filter',
      { ...bodyOf(this.asked('flow_summary', where)), sort: direction === 'asc' ? 'NAME_ASC' : 'NAME_DESC' },
      { offset: this.#cursors.offsetAfter(after), limit },
    );
    const flows: FlowSummary[] = [];
    for (const row of rows) {
      const flow = flowFrom(row.plain);
      const runs = ofFlow(flow.name);
      const [lastRun] = await this.listFlowRuns({ where: runs, limit: 1 });
      flows.push({ ...flow, runCount: await this.#count('flow_run', runs), lastRunId: lastRun?.id ?? null });
    }
    this.#cursors.remember(flows.at(-1)?.name, next);
    return flows;
  }

  list<N extends ListedNoun>(noun: N, page: KeyPage<N>): Promise<readonly EntityByNoun[N][]> {
    const lists: Lists = {
      flow_summary: (of) => this.listFlows(of),
      flow_run: (of) => this.listFlowRuns(of),
      task_run: (of) => this.taskRuns.list(of),
      log: (of) => this.logs.list(of),
    };
    return lists[noun](page);
  }

  /** The server counts without types: it is asked for each of them. */
  async countByState(noun: 'flow_run' | 'task_run', where: Condition): Promise<StateCounts> {
    const counts: Partial<Record<StateType, number>> = {};
    for (const type of STATE_TYPES) {
      const count = await this.#count(noun, allOf([where, matching({ stateType: [type] })]));
      if (count > 0) counts[type] = count;
    }
    return counts;
  }

  async #count(noun: 'flow_run' | 'task_run', where: Condition): Promise<number> {
    return await this.wire.count(`/${noun}s/count`, bodyOf(this.asked(noun, where)));
  }

  asked(noun: ListedNoun, where: Condition): Asked {
    return askedOf(noun, where, (id) => this.ids.remote(id));
  }

  async delete(id: FlowRunId): Promise<boolean> {
    const { status } = await this.wire.ask('DELETE', `/flow_runs/${await this.flowRuns.remoteId(id)}`, undefined, {
      expected: [404],
    });
    return status !== 404;
  }

  async replay(entry: OutboxEntry): Promise<void> {
    switch (entry.kind) {
      case 'created': {
        const { name, state } = entry.run;
        const made = await this.flowRuns.create(entry.request, { name, state });
        if (made.id !== entry.request.id)
          await this.flowRuns.create({ ...entry.request, idempotencyKey: undefined }, { name, state });
        return;
      }
      case 'moved':
        this.watched(entry.run);
        return await this.flowRuns.tell(entry.run.id, entry.states);
      case 'updated':
        return await this.flowRuns.update(entry.id, entry.change);
      case 'control':
        return await tellControl(this.control, entry);
      case 'cache-settled':
        return undefined;
    }
  }
}

export function createPrefectRemote(parts: PrefectParts, cache: CacheBook): Remote {
  const server = new PrefectServer(parts);
  const tagSlots = new PrefectTagSlots(server.wire);
  const { flowRuns, taskRuns, logs } = server;
  const moved = async (transition: Promise<Transition<FlowRun>>): Promise<Transition<FlowRun>> => {
    const answer = await transition;
    server.watched(answer.run);
    return answer;
  };
  const remote: Remote = {
    kind: 'prefect',
    description: `over HTTP, Prefect's server at ${parts.transport.apiUrl}`,
    createFlowRun: async (request) => server.watched(await flowRuns.create(request)),
    setFlowRunState: (request, known = null) => moved(flowRuns.setState(request, known)),
    resumeFlowRun: (request) => moved(flowRuns.resume(request)),
    updateFlowRun: (id, change) => flowRuns.update(id, change),
    cancelFlowRun: (id) => flowRuns.setState({ id, state: { type: 'CANCELLING' } }, null),
    readFlowRun: (id) => flowRuns.read(id),
    deleteFlowRun: (id) => server.delete(id),
    listFlowRunStates: (id) => server.flowRunStates(id),
    recordTaskRuns: async (records, lines) => {
      await taskRuns.record(records);
      await logs.write(lines);
    },
    retellTaskRuns: async (records, lines) => {
      await taskRuns.record(records);
      await logs.write(lines, true);
    },
    readTaskRun: (id) => taskRuns.read(id),
    listTaskRunStates: (id) => taskRuns.states(id),
    listRecordedSteps: (id, { after }) => taskRuns.steps(id, after),
    list: (noun, page = {}) => server.list(noun, page),
    countByState: (noun, where = EVERYTHING) => server.countByState(noun, where),
    explainRun: (id) => explainFromReads(remote, id, parts.clock.now()),
    claimCacheKey: (request) => cache.claim(request, parts.clock.now()),
    settleCacheClaim: (settlement) => cache.settle(settlement),
    takeTagSlots: (request) => tagSlots.take(request),
    renewTagSlots: (ids) => tagSlots.renew(ids),
    releaseLease: (id) => tagSlots.release(id),
    registerProcess: () => undefined,
    beat: async () => ({ isRegistered: true, cancelling: await server.cancellations() }),
    endProcess: () => undefined,
    reapLostRuns: () => [],
    control: server.control,
    replay: (entry) => server.replay(entry),
    endLost: async (run, evidence) => {
      await flowRuns.setState(
        { id: run.id, state: { type: 'CRASHED', message: evidence, evidence }, force: true },
        run,
      );
    },
  };
  return remote;
}
