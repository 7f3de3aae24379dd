/**
 * Task runs on Prefect's server: written as events, read as entities.
 *
 * Events go by `POST /events`, not through the socket `/events/in`: the socket acknowledges nothing, so a client could
 * not know what a server that went away has heard. A batch that was answered is there; one that was not is sent again,
 * and counts once.
 */

import type { FlowRunId, TaskRunId } from '../../../core/ids.ts';
import { matching, type KeyPage } from '../../../core/list-query.ts';
import { EVERYTHING, type Condition } from '../../../core/query.ts';
import { isTerminal, type State } from '../../../core/state.ts';
import type { RecordedStep, TaskRun, TaskRunRecord } from '../../../core/task-run.ts';
import { recordedStepOf } from '../steps.ts';
import type { PrefectFlowRuns } from './flow-runs.ts';
import { askedOf, Cursors, meets, PAGE_MAX, type Asked } from './lists.ts';
import type { RunIds } from './run-ids.ts';
import { taskRunFrom } from './runs-from.ts';
import { stateFrom } from './state.ts';
import { taskRunEvents } from './task-events.ts';
import type { TaskInputs } from './task-inputs.ts';
import type { PrefectWire } from './wire.ts';

const EVENTS_PER_REQUEST = 200;
/** Task runs whose newest state is remembered, so that an event can name the one that it follows. */
const OPEN_MAX = 50_000;

export class PrefectTaskRuns {
  readonly #wire: PrefectWire;
  readonly #ids: RunIds;
  readonly #flowRuns: PrefectFlowRuns;
  readonly #inputs: TaskInputs;
  readonly #cursors = new Cursors();
  /** The newest state that was sent of task runs that have not ended. */
  readonly #sent = new Map<TaskRunId, State>();
  #steps: { readonly id: FlowRunId; readonly all: readonly RecordedStep[] } | null = null;

  constructor(wire: PrefectWire, ids: RunIds, flowRuns: PrefectFlowRuns, inputs: TaskInputs) {
    this.#wire = wire;
    this.#ids = ids;
    this.#flowRuns = flowRuns;
    this.#inputs = inputs;
  }

  async record(records: readonly TaskRunRecord[]): Promise<void> {
    for (const { run } of records) this.#inputs.saw(run);
    const events: object[] = [];
    for (const record of records) events.push(...(await this.#events(record)));
    for (let at = 0; at < events.length; at += EVENTS_PER_REQUEST)
      await this.#wire.ask('POST', '/events', events.slice(at, at + EVENTS_PER_REQUEST));
    for (const { run } of records) this.#remember(run);
  }

  async #events(record: TaskRunRecord): Promise<readonly object[]> {
    const { run } = record;
    const flowRun = run.flowRunId === null ? null : await this.#flowRuns.knownOrFound(run.flowRunId);
    const told = isPlaceholder(run) ? this.#untoldByServer(record) : record;
    return taskRunEvents(told, {
      flowRun,
      before: this.#sent.get(run.id) ?? null,
      inputs: (edge) => this.#inputs.wire(edge, run.flowRunId),
    });
  }

  /**
   * The states that the server does not set itself: it moves the placeholder of a subflow; one whose subflow was never
   * created only gets its end.
   */
  #untoldByServer({ run, states }: TaskRunRecord): TaskRunRecord {
    return { run, states: this.#inputs.isPlaced(run.id) ? [] : states.filter(isTerminal) };
  }

  #remember(run: TaskRun): void {
    if (isTerminal(run.state)) this.#sent.delete(run.id);
    else if (this.#sent.size < OPEN_MAX || this.#sent.has(run.id)) this.#sent.set(run.id, run.state);
  }

  async read(id: TaskRunId): Promise<TaskRun | null> {
    const found = await this.#wire.find(`/task_runs/${id}`);
    return found === null ? null : this.#own(taskRunFrom(found.plain, found.exact));
  }

  async list({
    where = EVERYTHING,
    direction = 'desc',
    after,
    limit = 50,
  }: KeyPage<'task_run'>): Promise<readonly TaskRun[]> {
    const { body, rest } = this.#asked(where);
    const { rows, next } = await this.#wire.pages(
      '/task_runs/filter',
      { ...body, sort: direction === 'asc' ? 'EXPECTED_START_TIME_ASC' : 'EXPECTED_START_TIME_DESC' },
      {
        offset: this.#cursors.offsetAfter(after),
        limit,
        ...(rest === null ? {} : { wanted: ({ plain, exact }) => meets(this.#own(taskRunFrom(plain, exact)), rest) }),
      },
    );
    const runs = rows.map(({ plain, exact }) => this.#own(taskRunFrom(plain, exact)));
    this.#cursors.remember(runs.at(-1)?.id, next);
    return runs;
  }

  #asked(where: Condition): Asked {
    return askedOf('task_run', where, (id) => this.#ids.remote(id));
  }

  async states(id: TaskRunId): Promise<readonly State[]> {
    const found = await this.#wire.list('GET', `/task_run_states/?task_run_id=${id}`);
    return found.map(({ plain, exact }) => stateFrom(plain, exact)).sort((a, b) => a.timestamp - b.timestamp);
  }

  /** All are read for the first page: the server has no stable order to page in. */
  async steps(id: FlowRunId, after: TaskRunId | undefined): Promise<readonly RecordedStep[]> {
    if (after === undefined || this.#steps?.id !== id) this.#steps = { id, all: await this.#readSteps(id) };
    const { all } = this.#steps;
    return after === undefined ? all : all.slice(all.findIndex((step) => step.id === after) + 1);
  }

  async #readSteps(id: FlowRunId): Promise<readonly RecordedStep[]> {
    const body = { ...this.#asked(matching({ flowRunId: id })).body, sort: 'EXPECTED_START_TIME_ASC' };
    const { rows } = await this.#wire.pages('/task_runs/filter', body, { offset: 0, limit: PAGE_MAX * 1000 });
    return rows.map(({ plain, exact }) => recordedStepOf(taskRunFrom(plain, exact)));
  }

  #own(run: TaskRun): TaskRun {
    return run.flowRunId === null ? run : { ...run, flowRunId: this.#ids.own(run.flowRunId) };
  }
}

function isPlaceholder(run: TaskRun): boolean {
  return run.taskKey.startsWith('flow:');
}
