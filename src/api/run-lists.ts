/** Lists, counts, histories and states of flow runs and task runs, and changes of many at once. */

import { BULK_MAX } from '../contract/body/list.ts';
import { proposedState } from '../contract/decode/state.ts';
import { encodeFlowRun } from '../contract/encode/flow-run.ts';
import { flowRunsBytes } from '../contract/encode/flow-run-text.ts';
import { encodeStateOf, type StateOwner } from '../contract/encode/state.ts';
import { encodeTaskRun } from '../contract/encode/task-run.ts';
import { encodeTransition } from '../contract/encode/transition.ts';
import { flowRunsCondition, taskRunsCondition } from '../contract/filter/related.ts';
import { flowRunFilter } from '../contract/filter/runs.ts';
import { flowRunSorts, taskRunSorts } from '../contract/filter/sort.ts';
import {
  COUNT_FLOW_RUNS,
  COUNT_TASK_RUNS,
  DELETE_FLOW_RUNS,
  FILTER_FLOW_RUNS,
  FILTER_TASK_RUNS,
  FLOW_RUN_HISTORY,
  FLOW_RUN_LATENESS,
  PAGINATE_FLOW_RUNS,
  PAGINATE_TASK_RUNS,
  READ_FLOW_RUN_STATE,
  READ_FLOW_RUN_STATES,
  READ_TASK_RUN_STATE,
  READ_TASK_RUN_STATES,
  SET_FLOW_RUN_STATES,
  TASK_RUN_HISTORY,
} from '../contract/routes/run-lists.ts';
import { rawJson } from '../contract/wire-json.ts';
import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { FlowRunId, StateId, TaskRunId } from '../core/ids.ts';
import { chain } from '../core/maybe-promise.ts';
import { EVERYTHING, type Condition } from '../core/query.ts';
import type { Clock } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { clientOf } from './client.ts';
import { runHistory } from './histories.ts';
import { paginate, queryOf, type PageIn } from './lists.ts';
import { found, json, ok, operation, type Answer, type Operation } from './operation.ts';

export interface RunListParts {
  readonly useCases: UseCases;
  readonly clock: Pick<Clock, 'now'>;
}

export function runListOperations(parts: RunListParts): readonly Operation[] {
  return [...flowRunLists(parts), ...flowRunBulks(parts), ...taskRunLists(parts), ...states(parts.useCases)];
}

function flowRunLists({ useCases, clock }: RunListParts): readonly Operation[] {
  const find = (where: Condition, sort: Parameters<typeof flowRunSorts.of>[0], page: PageIn) =>
    useCases.find('flow_run', queryOf(where, flowRunSorts.of(sort), page));
  return [
    operation(FILTER_FLOW_RUNS, ({ body }) => {
      const list = (runs: readonly FlowRun[]): Answer => json(flowRunsBytes(runs, clock.now()));
      return chain(find(flowRunsCondition(body), body.sort, body), list);
    }),
    operation(COUNT_FLOW_RUNS, async ({ body }) => ok(await useCases.count('flow_run', flowRunsCondition(body)))),
    operation(PAGINATE_FLOW_RUNS, async ({ body }) => {
      const where = flowRunsCondition(body);
      return ok(
        await paginate(useCases, 'flow_run', where, body, async (page) =>
          (await find(where, body.sort, page)).map((run) => encodeFlowRun(run, clock.now())),
        ),
      );
    }),
    operation(FLOW_RUN_HISTORY, ({ body }) =>
      runHistory(useCases, 'flow_run', body, flowRunsCondition({ ...body, work_pool_queues: body.work_queues })),
    ),
    operation(FLOW_RUN_LATENESS, async ({ body }) => {
      const average = await useCases.averageLateness(flowRunsCondition(body));
      return ok(average === null ? null : rawJson(floatText(average / 1_000_000)));
    }),
  ];
}

/** Whole seconds are written with a fraction, too. */
function floatText(seconds: number): string {
  return Number.isInteger(seconds) ? `${seconds}.0` : `${seconds}`;
}

function flowRunBulks({ useCases, clock }: RunListParts): readonly Operation[] {
  const named = async (
    filter: Parameters<typeof flowRunFilter.condition>[0] | null | undefined,
    limit: number | null | undefined,
  ) =>
    (
      await useCases.find(
        'flow_run',
        queryOf(filter ? flowRunFilter.condition(filter) : EVERYTHING, flowRunSorts.of(null), {
          limit: limit ?? BULK_MAX,
        }),
      )
    ).map(({ id }) => id);
  return [
    operation(DELETE_FLOW_RUNS, async ({ body }) => {
      const deleted: string[] = [];
      for (const id of await named(body.flow_runs, body.limit)) if (await useCases.deleteFlowRun(id)) deleted.push(id);
      return ok({ deleted });
    }),
    operation(SET_FLOW_RUN_STATES, async ({ body, exact, headers }) => {
      const client = clientOf(headers);
      const state = proposedState(body.state, (exact['state'] as Record<string, unknown>)['data'], clock.now());
      const results: unknown[] = [];
      for (const id of await named(body.flow_runs, body.limit)) {
        try {
          results.push({
            flow_run_id: id,
            ...encodeTransition(await useCases.setFlowRunState({ id, state, force: body.force ?? false, client })),
          });
        } catch (error) {
          // An item of a batch that fails is reported in its place.
          if (!OstinatoError.is(error)) throw error;
          results.push({
            flow_run_id: id,
            state: null,
            status: 'ABORT',
            details: { type: 'abort_details', reason: error.message },
          });
        }
      }
      return ok({ results });
    }),
  ];
}

function taskRunLists({ useCases, clock }: RunListParts): readonly Operation[] {
  const list = async (where: Condition, sort: Parameters<typeof taskRunSorts.of>[0], page: PageIn) => {
    const now = clock.now();
    return (await useCases.find('task_run', queryOf(where, taskRunSorts.of(sort), page))).map((run) =>
      encodeTaskRun(run, now),
    );
  };
  return [
    operation(FILTER_TASK_RUNS, async ({ body }) => ok(await list(taskRunsCondition(body), body.sort, body))),
    operation(COUNT_TASK_RUNS, async ({ body }) => ok(await useCases.count('task_run', taskRunsCondition(body)))),
    operation(PAGINATE_TASK_RUNS, async ({ body }) => {
      const where = taskRunsCondition(body);
      return ok(await paginate(useCases, 'task_run', where, body, (page) => list(where, body.sort, page)));
    }),
    operation(TASK_RUN_HISTORY, ({ body }) => runHistory(useCases, 'task_run', body, taskRunsCondition(body))),
  ];
}

function states(useCases: UseCases): readonly Operation[] {
  const flowRunOwner = async (id: FlowRunId): Promise<StateOwner> => ({
    flowRunId: id,
    taskRunId: (await useCases.readFlowRun(id))?.parentTaskRunId ?? null,
  });
  const taskRunOwner = async (id: TaskRunId): Promise<StateOwner> => ({
    flowRunId: (await useCases.readTaskRun(id))?.flowRunId ?? null,
    taskRunId: id,
  });
  return [
    operation(READ_FLOW_RUN_STATES, async ({ query }) => {
      const id = query.flow_run_id.toLowerCase() as FlowRunId;
      const owner = await flowRunOwner(id);
      return ok((await useCases.listFlowRunStates(id)).map((state) => encodeStateOf(state, owner)));
    }),
    operation(READ_FLOW_RUN_STATE, async ({ params }) => {
      const { state, runId } = found(await useCases.readState('flow_run', params['id'] as StateId), 'Flow run state');
      return ok(encodeStateOf(state, await flowRunOwner(runId as FlowRunId)));
    }),
    operation(READ_TASK_RUN_STATES, async ({ query }) => {
      const id = query.task_run_id.toLowerCase() as TaskRunId;
      const owner = await taskRunOwner(id);
      return ok((await useCases.listTaskRunStates(id)).map((state) => encodeStateOf(state, owner)));
    }),
    operation(READ_TASK_RUN_STATE, async ({ params }) => {
      const { state, runId } = found(await useCases.readState('task_run', params['id'] as StateId), 'Flow run state');
      return ok(encodeStateOf(state, await taskRunOwner(runId as TaskRunId)));
    }),
  ];
}
