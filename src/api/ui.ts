/** What Prefect's pages ask for beside the rest. */

import { encodeTaskRun } from '../contract/encode/task-run.ts';
import { instantOrNull, seconds } from '../contract/encode/instant.ts';
import { startDelta } from '../contract/encode/flow-run.ts';
import { flowRunsCondition, taskRunsCondition } from '../contract/filter/related.ts';
import type { FilterBody } from '../contract/filter/filter.ts';
import { flowRunSorts } from '../contract/filter/sort.ts';
import { instantIn } from '../contract/decode/state.ts';
import {
  UI_COUNT_DEPLOYMENTS,
  UI_COUNT_TASK_RUNS,
  UI_COUNT_TASK_RUNS_BY_STATE,
  UI_FLOW_RUN_HISTORY,
  UI_NEXT_RUNS,
  UI_READ_TASK_RUN,
  UI_TASK_RUN_COUNTS,
} from '../contract/routes/ui.ts';
import type { TaskRunId } from '../core/ids.ts';
import type { Condition } from '../core/query.ts';
import { STATE_TYPES, TERMINAL_STATE_TYPES } from '../core/state.ts';
import { formatInstant, type Clock, type Instant } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { queryOf } from './lists.ts';
import { found, ok, operation, type Answer, type Operation } from './operation.ts';

interface UiParts {
  readonly useCases: UseCases;
  readonly clock: Pick<Clock, 'now'>;
}

const UI_HISTORY_LIMIT = 1000;

export function uiOperations(parts: UiParts): readonly Operation[] {
  return [...flowRunPages(parts), ...taskRunPages(parts)];
}

function flowRunPages({ useCases, clock }: UiParts): readonly Operation[] {
  return [
    operation(UI_FLOW_RUN_HISTORY, async ({ body }) => {
      const now = clock.now();
      const page = { limit: body.limit ?? UI_HISTORY_LIMIT, offset: body.offset };
      const runs = await useCases.find(
        'flow_run',
        queryOf(flowRunsCondition(body), flowRunSorts.of(body.sort ?? 'EXPECTED_START_TIME_DESC'), page),
      );
      return ok(
        runs.map((run) => ({
          id: run.id,
          state_type: run.state.type,
          timestamp: instantOrNull(run.startTime ?? run.expectedStartTime),
          duration: seconds(run.totalRunTimeUs + (run.state.type === 'RUNNING' ? now - run.state.timestamp : 0)),
          lateness: startDelta(run, now),
        })),
      );
    }),
    operation(UI_COUNT_TASK_RUNS, async ({ body }) => {
      const ids = body.flow_run_ids.map((id) => id.toLowerCase());
      const isSubflow: Condition = { op: 'exists', noun: 'flow_run', by: 'child', where: { op: 'and', of: [] } };
      const counts = await useCases.countBy('task_run', 'flowRunId', {
        op: 'and',
        of: [
          { op: 'in', field: 'flowRunId', values: ids },
          { op: 'not', of: isSubflow },
        ],
      });
      return ok(Object.fromEntries(ids.map((id) => [id, counts.get(id) ?? 0])));
    }),
    operation(UI_COUNT_DEPLOYMENTS, async ({ body }) => {
      const ids = body.flow_ids.map((id) => id.toLowerCase());
      const counts = await useCases.countBy('deployment', 'flowId', { op: 'in', field: 'flowId', values: ids });
      return ok(Object.fromEntries(ids.map((id) => [id, counts.get(id) ?? 0])));
    }),
    operation(UI_NEXT_RUNS, async ({ body }) => {
      const next: Record<string, unknown> = {};
      for (const id of body.flow_ids.map((given) => given.toLowerCase())) next[id] = await nextRun(useCases, id);
      return ok(next);
    }),
  ];
}

async function nextRun(useCases: UseCases, flowId: string): Promise<unknown> {
  const where: Condition = {
    op: 'and',
    of: [
      { op: 'eq', field: 'flowId', value: flowId },
      { op: 'eq', field: 'stateType', value: 'SCHEDULED' },
      { op: 'isNull', field: 'nextScheduledStartTime', isNull: false },
    ],
  };
  const [run] = await useCases.find(
    'flow_run',
    queryOf(where, [{ field: 'nextScheduledStartTime', direction: 'asc' }], { limit: 1 }),
  );
  if (run === undefined || run.state.type !== 'SCHEDULED') return null;
  return {
    id: run.id,
    flow_id: run.flowId,
    name: run.name,
    state_name: run.state.name,
    state_type: run.state.type,
    next_scheduled_start_time: formatInstant(run.state.scheduledTime),
  };
}

const MINUTE_US = 60_000_000;
const COUNT_INTERVALS = 20;
const START_MISSING: Answer = Object.freeze({
  status: 422,
  body: { detail: 'task_runs.start_time.after_ is required' },
});

function taskRunPages({ useCases, clock }: UiParts): readonly Operation[] {
  return [
    operation(UI_TASK_RUN_COUNTS, async ({ body }) => {
      const time = body.task_runs['start_time'] as
        | { readonly after_?: string | null; readonly before_?: string | null }
        | null
        | undefined;
      const after = instantIn(time?.after_);
      if (after === undefined) return START_MISSING;
      // From a full minute to the last moment of one.
      const start = (after - (after % MINUTE_US)) as Instant;
      const end = instantIn(time?.before_) ?? clock.now();
      const span = end - (end % MINUTE_US) + MINUTE_US - start;
      if (!(span > 0) || !Number.isSafeInteger(span)) return ok(emptyCounts());
      return ok(await countsByTime(useCases, body, start, Math.ceil(span / COUNT_INTERVALS)));
    }),
    operation(UI_COUNT_TASK_RUNS_BY_STATE, async ({ body }) => {
      const counts = await useCases.countBy('task_run', 'stateType', taskRunsCondition(body));
      return ok(Object.fromEntries(STATE_TYPES.map((type) => [type, counts.get(type) ?? 0])));
    }),
    operation(UI_READ_TASK_RUN, async ({ params }) => {
      const run = found(await useCases.readTaskRun(params['id'] as TaskRunId), 'Task');
      const flowRun = run.flowRunId === null ? null : await useCases.readFlowRun(run.flowRunId);
      return ok({ ...encodeTaskRun(run, clock.now()), flow_run_name: flowRun?.name ?? null });
    }),
  ];
}

function emptyCounts(): { completed: number; failed: number }[] {
  return Array.from({ length: COUNT_INTERVALS }, () => ({ completed: 0, failed: 0 }));
}

/** Only runs that are over; whatever the filter says of states. */
async function countsByTime(
  useCases: UseCases,
  body: { readonly task_runs: FilterBody; readonly work_queues?: FilterBody | null | undefined },
  start: Instant,
  intervalUs: number,
): Promise<unknown> {
  const where = taskRunsCondition({
    ...body,
    work_pool_queues: body.work_queues,
    task_runs: { ...body.task_runs, state: { type: { any_: TERMINAL_STATE_TYPES } } },
  });
  const counts = emptyCounts();
  for (const { bucket, stateType, count } of await useCases.runHistory('task_run', {
    where,
    field: 'startTime',
    start,
    intervalUs,
    buckets: COUNT_INTERVALS,
  })) {
    const found = counts[bucket];
    if (found === undefined) continue;
    if (stateType === 'FAILED' || stateType === 'CRASHED') found.failed += count;
    else found.completed += count;
  }
  return counts;
}
