/**
 * Search for our own pages.
 *
 * 1. An id, or the beginning of one, is found by the index, however many runs there are.
 * 2. Names have no index that finds a part of them: those of the newest runs are looked through, and the answer says
 *    when that were not all.
 * 3. What is found by its id comes first.
 */

import { partOf } from '../contract/filter/leaf.ts';
import { UI_SEARCH } from '../contract/routes/ui-search.ts';
import { idRange, isUuid, type FlowRunId, type TaskRunId } from '../core/ids.ts';
import { allOf, EVERYTHING, type Condition, type Sort } from '../core/query.ts';
import type { TaskRun } from '../core/task-run.ts';
import { formatInstant, type Instant } from '../core/time.ts';
import type { State } from '../core/state.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { queryOf } from './lists.ts';
import { ok, operation, type Operation } from './operation.ts';

const RESULTS_DEFAULT = 8;
/** Fewer digits are a prefix of many ids by accident, and of all that were made within hours. */
const DIGITS_MIN = 8;
/** So many names take some tens of milliseconds to compare. */
const NAMES_LOOKED_THROUGH = { flow_run: 100_000, task_run: 50_000 };

type RunNoun = keyof typeof NAMES_LOOKED_THROUGH;
type Found<Noun extends RunNoun> = Noun extends 'flow_run'
  ? Awaited<ReturnType<UseCases['readFlowRun']>> & {}
  : TaskRun;

const BY_NAME: readonly Sort[] = [{ field: 'name', direction: 'asc' }];
const NEWEST: readonly Sort[] = [{ field: 'id', direction: 'desc' }];
/** A placeholder task run is shown as the subflow's own run. */
const IS_TASK: Condition = { op: 'not', of: { op: 'exists', noun: 'flow_run', by: 'child', where: EVERYTHING } };

export function uiSearchOperations(useCases: UseCases): readonly Operation[] {
  return [
    operation(UI_SEARCH, async ({ body }) => {
      const words = body.text.trim();
      if (words === '')
        return ok({ flows: [], deployments: [], work_pools: [], flow_runs: [], task_runs: [], is_partial: false });
      const limit = body.limit ?? RESULTS_DEFAULT;
      const flows = await findNamed(useCases, 'flow', words, limit);
      const deployments = await findNamed(useCases, 'deployment', words, limit);
      const flowNames = await namesOf(
        useCases,
        'flow',
        deployments.map(({ flowId }) => flowId),
      );
      const pools = await findNamed(useCases, 'work_pool', words, limit);
      const flowRuns = await findRuns(useCases, 'flow_run', words, limit);
      const taskRuns = await findRuns(useCases, 'task_run', words, limit);
      const parents = await namesOf(
        useCases,
        'flow_run',
        taskRuns.found.flatMap(({ flowRunId }) => flowRunId ?? []),
      );
      return ok({
        flows: flows.map(({ id, name }) => ({ id, name })),
        deployments: deployments.map(({ id, name, flowId }) => ({ id, name, flow_name: flowNames.get(flowId) ?? '' })),
        work_pools: pools.map(({ id, name }) => ({ id, name })),
        flow_runs: flowRuns.found.map((run) => ({ ...rowOf(run), flow_name: run.flowName })),
        task_runs: taskRuns.found.map((run) => ({
          ...rowOf(run),
          flow_run_id: run.flowRunId,
          flow_run_name: run.flowRunId === null ? null : (parents.get(run.flowRunId) ?? null),
        })),
        is_partial: flowRuns.isPartial || taskRuns.isPartial,
      });
    }),
  ];
}

function rowOf({
  id,
  name,
  state,
  createdAt,
}: {
  readonly id: FlowRunId | TaskRunId;
  readonly name: string;
  readonly state: State;
  readonly createdAt: Instant;
}) {
  return { id, name, state_type: state.type, state_name: state.name, created: formatInstant(createdAt) };
}

/** Of nouns that nobody has by the hundred thousand. */
async function findNamed<Noun extends 'flow' | 'deployment' | 'work_pool'>(
  useCases: UseCases,
  noun: Noun,
  words: string,
  limit: number,
) {
  const byId = idCondition(words);
  const named = partOf('name', words);
  const where: Condition = byId === null ? named : { op: 'or', of: [byId, named] };
  return useCases.find(noun, queryOf(where, BY_NAME, { limit }));
}

async function findRuns<Noun extends RunNoun>(
  useCases: UseCases,
  noun: Noun,
  words: string,
  limit: number,
): Promise<{ found: readonly Found<Noun>[]; isPartial: boolean }> {
  const shown = noun === 'task_run' ? [IS_TASK] : [];
  const find = async (parts: readonly Condition[], page: { limit: number; offset?: number }): Promise<Found<Noun>[]> =>
    [...(await useCases.find(noun, queryOf(allOf(parts), NEWEST, page)))] as Found<Noun>[];
  const byId = idCondition(words);
  const found = byId === null ? [] : await find([byId, ...shown], { limit });
  if (found.length >= limit) return { found, isPartial: false };
  const [oldest] = await find([], { limit: 1, offset: NAMES_LOOKED_THROUGH[noun] });
  const newest: Condition[] = oldest === undefined ? [] : [{ op: 'gt', field: 'id', value: oldest.id }];
  const named = await find([...newest, partOf('name', words), ...shown], { limit });
  const ids = new Set<string>(found.map(({ id }) => id));
  const all = [...found, ...named.filter(({ id }) => !ids.has(id))].slice(0, limit);
  return { found: all, isPartial: oldest !== undefined && named.length < limit };
}

/** `null` when the text contains neither an id nor a prefix of one. */
export function idCondition(words: string): Condition | null {
  const [within] = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i.exec(words) ?? [];
  if (within !== undefined && isUuid(within)) return { op: 'eq', field: 'id', value: within.toLowerCase() };
  const digits = words.replaceAll('-', '');
  if (digits.length < DIGITS_MIN || !/^[0-9a-f-]+$/i.test(words)) return null;
  const range = idRange(digits);
  return (
    range && {
      op: 'and',
      of: [
        { op: 'ge', field: 'id', value: range.from },
        { op: 'le', field: 'id', value: range.to },
      ],
    }
  );
}

async function namesOf(
  useCases: UseCases,
  noun: 'flow' | 'flow_run',
  wanted: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(wanted)];
  if (ids.length === 0) return new Map();
  const found = await useCases.find(noun, queryOf({ op: 'in', field: 'id', values: ids }, [], { limit: ids.length }));
  return new Map(found.map(({ id, name }) => [id, name]));
}
