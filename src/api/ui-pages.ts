/** What our own pages ask for, a request a page. */

import { encodeExplanation } from '../contract/encode/explanation.ts';
import { encodeFlowRun } from '../contract/encode/flow-run.ts';
import { encodeStateOf } from '../contract/encode/state.ts';
import { encodeTaskRun } from '../contract/encode/task-run.ts';
import { artifactFilter } from '../contract/artifact.ts';
import { flowRunsCondition, flowsCondition } from '../contract/filter/related.ts';
import { flowRunFilter } from '../contract/filter/runs.ts';
import { flowRunSorts, flowSorts } from '../contract/filter/sort.ts';
import { UI_FLOW_RUN_PAGE, UI_FLOWS_PAGE, UI_RUNS_PAGE, UI_TASK_RUN_PAGE } from '../contract/routes/ui-pages.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { FlowRunId, TaskRunId } from '../core/ids.ts';
import { objectIdOf, RESOURCE_ID, RESOURCE_NAME } from '../core/event.ts';
import { allOf, EVERYTHING, type Condition } from '../core/query.ts';
import type { TaskRun } from '../core/task-run.ts';
import { formatInstant, type Clock, type Instant } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { runHistory } from './histories.ts';
import { queryOf } from './lists.ts';
import { found, ok, operation, type Operation } from './operation.ts';
import { RECENT_RUNS_DEFAULT, recentOf, rowOf, shortMessage } from './ui-rows.ts';

interface PageParts {
  readonly useCases: UseCases;
  readonly clock: Pick<Clock, 'now'>;
}

const NEWEST = 'EXPECTED_START_TIME_DESC';

export function uiPageOperations(parts: PageParts): readonly Operation[] {
  return [...listPages(parts), ...runPages(parts)];
}

function listPages({ useCases, clock }: PageParts): readonly Operation[] {
  const newest = flowRunSorts.of(NEWEST);
  return [
    operation(UI_RUNS_PAGE, async ({ body }) => {
      const asOf = formatInstant(clock.now());
      const where = flowRunsCondition(body);
      const history = await runHistory(useCases, 'flow_run', body, flowRunsCondition(body.chart ?? body));
      if (history.status !== 200) return history;
      const runs = await useCases.find('flow_run', queryOf(where, flowRunSorts.of(body.sort ?? NEWEST), body));
      const count = await useCases.count('flow_run', where);
      const hasRuns = count > 0 || (await useCases.find('flow_run', queryOf(EVERYTHING, [], { limit: 1 }))).length > 0;
      return ok({ as_of: asOf, runs: runs.map(rowOf), count, history: history.body, has_runs: hasRuns });
    }),
    operation(UI_FLOWS_PAGE, async ({ body }) => {
      const asOf = formatInstant(clock.now());
      const flows = await useCases.find(
        'flow',
        queryOf(flowsCondition({ flows: body.flows }), flowSorts.of('NAME_ASC'), body),
      );
      const rows: unknown[] = [];
      for (const flow of flows) {
        const runs = await useCases.find(
          'flow_run',
          queryOf({ op: 'eq', field: 'flowId', value: flow.id }, newest, {
            limit: body.recent_runs ?? RECENT_RUNS_DEFAULT,
          }),
        );
        rows.push({
          id: flow.id,
          name: flow.name,
          description: flow.description ?? null,
          tags: flow.tags,
          runs: runs.map(recentOf),
          created: formatInstant(flow.createdAt),
          updated: formatInstant(flow.updatedAt ?? flow.createdAt),
          last_message: shortMessage(runs[0]?.state.message ?? null),
        });
      }
      return ok({ as_of: asOf, flows: rows });
    }),
  ];
}

const NAMES_MAX = 200;
const STATES_MAX = 100;

function runPages({ useCases, clock }: PageParts): readonly Operation[] {
  return [
    operation(UI_FLOW_RUN_PAGE, async ({ params }) => {
      const now = clock.now();
      const run = found(await useCases.readFlowRun(params['id'] as FlowRunId), 'Flow run');
      const why = found(await useCases.explainRun(run.id), 'Flow run');
      const isOf: Condition = { op: 'eq', field: 'flowRunId', value: run.id };
      const isSubflow: Condition = { op: 'exists', noun: 'flow_run', by: 'child', where: { op: 'and', of: [] } };
      return ok({
        as_of: formatInstant(now),
        run: encodeFlowRun(run, now),
        why: encodeExplanation(why, { run_id: run.id, kind: 'flow_run', name: run.name }),
        flow_description: (await useCases.readFlow(run.flowId))?.description ?? null,
        parent: await parentOf(useCases, run),
        task_run_count: await useCases.count('task_run', { op: 'and', of: [isOf, { op: 'not', of: isSubflow }] }),
        subflow_run_count: await useCases.count(
          'flow_run',
          flowRunFilter.condition({ parent_flow_run_id: { any_: [run.id] } }),
        ),
        artifact_count: await useCases.count(
          'artifact',
          artifactFilter.condition({ flow_run_id: { any_: [run.id] }, type: { not_any_: ['result'] } }),
        ),
        automations: await automationsSetOff(useCases, run, now),
      });
    }),
    operation(UI_TASK_RUN_PAGE, async ({ params }) => {
      const now = clock.now();
      const run = found(await useCases.readTaskRun(params['id'] as TaskRunId), 'Task');
      const why = found(await useCases.explainRun(run.id), 'Task');
      const states = await useCases.listTaskRunStates(run.id);
      return ok({
        as_of: formatInstant(now),
        run: encodeTaskRun(run, now),
        why: encodeExplanation(why, { run_id: run.id, kind: 'task_run', name: run.name }),
        states: states
          .slice(-STATES_MAX)
          .map((state) => encodeStateOf(state, { flowRunId: run.flowRunId, taskRunId: run.id })),
        state_count: states.length,
        input_names: await inputNames(useCases, run),
      });
    }),
  ];
}

async function parentOf(
  useCases: UseCases,
  { parentFlowRunId, parentTaskRunId }: FlowRun,
): Promise<{ id: string; name: string } | null> {
  const parentId =
    parentFlowRunId ??
    (parentTaskRunId === null ? null : ((await useCases.readTaskRun(parentTaskRunId))?.flowRunId ?? null));
  const parent = parentId === null ? null : await useCases.readFlowRun(parentId);
  return parent && { id: parent.id, name: parent.name };
}

const AUTOMATIONS_SHOWN = 10;
/** A run that was tried again for days: what its first states have set off is long ago. */
const STATES_LOOKED_AT = 100;

/** The event of a state has its id, and the event of a firing is related to it: an index leads there. */
async function automationsSetOff(useCases: UseCases, { id, createdAt }: FlowRun, now: Instant) {
  const states = (await useCases.listFlowRunStates(id)).slice(-STATES_LOOKED_AT);
  const ids = states.map((state) => `prefect.event.${state.id}`);
  const where = allOf([
    { op: 'eq', field: 'name', value: 'prefect.automation.triggered' },
    { op: 'exists', noun: 'event_resource', by: 'related', where: { op: 'in', field: 'id', values: ids } },
  ]);
  const filter = { since: createdAt, until: now, where, isDistinct: false, order: 'desc' } as const;
  const events = ids.length === 0 ? [] : await useCases.findEvents({ filter, limit: AUTOMATIONS_SHOWN });
  return events.map(({ resource, occurred }) => ({
    id: objectIdOf(resource[RESOURCE_ID], 'automation') ?? '',
    name: resource[RESOURCE_NAME] ?? '',
    at: formatInstant(occurred),
  }));
}

async function inputNames(useCases: UseCases, { inputs, cache }: TaskRun): Promise<Record<string, string>> {
  const sources = Object.values(inputs).flat();
  const idsOf = (kind: 'task_run' | 'flow_run'): string[] =>
    sources.flatMap((input) => (input.kind === kind ? [input.id] : []));
  const cached = cache?.from ?? null;
  const tasks = await named(useCases, 'task_run', cached === null ? idsOf('task_run') : [...idsOf('task_run'), cached]);
  return Object.fromEntries([...tasks, ...(await named(useCases, 'flow_run', idsOf('flow_run')))]);
}

async function named(
  useCases: UseCases,
  noun: 'task_run' | 'flow_run',
  ids: readonly string[],
): Promise<readonly (readonly [id: string, name: string])[]> {
  const values = [...new Set(ids)].sort().slice(0, NAMES_MAX);
  if (values.length === 0) return [];
  return (await useCases.find(noun, queryOf({ op: 'in', field: 'id', values }, [], { limit: values.length }))).map(
    ({ id, name }) => [id, name] as const,
  );
}
