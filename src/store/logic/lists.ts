/**
 * The list queries. Their compiler is loaded with the first list: running flows needs none, and must not wait for it.
 * Until then lists return promises; afterwards, on SQLite, they are synchronous.
 */

import type { Flow, FlowRun, FlowSummary } from '../../core/flow-run.ts';
import {
  byKey,
  flowRunCondition,
  flowRunQuery,
  logQuery,
  taskRunCondition,
  taskRunQuery,
} from '../../core/list-query.ts';
import { chain, type MaybePromise } from '../../core/maybe-promise.ts';
import { EVERYTHING, type Condition } from '../../core/query.ts';
import type { StateType } from '../../core/state.ts';
import type { Database } from '../driver.ts';
import { pageRows, SCAN_ROWS_MAX } from '../page.ts';
import type { Lists } from '../port/lists.ts';
import type { ListsByCondition } from '../queries/lists-by-condition.ts';
import { listFlowRunsByHolder } from './flow-runs.ts';

/** @param load the same function each time */
export function listsOn(
  database: Database,
  load: () => MaybePromise<ListsByCondition>,
): Omit<Lists, 'findEvents' | 'countEvents' | 'countEventsBy'> {
  const byCondition = <Answer>(ask: (lists: ListsByCondition) => MaybePromise<Answer>): MaybePromise<Answer> =>
    chain(load(), ask);
  return {
    find: (noun, query) => {
      pageRows(query.limit || 1);
      return byCondition((lists) => lists.find(noun, query));
    },
    count: (noun, where) => byCondition((lists) => lists.count(noun, where)),
    countBy: (noun, field, where) => byCondition((lists) => lists.countBy(noun, field, where)),
    runHistory: (noun, request) => byCondition((lists) => lists.runHistory(noun, request)),
    averageLateness: (where, now) => byCondition((lists) => lists.averageLateness(where, now)),
    groupTaskRuns: (id, groupsMax) => byCondition((lists) => lists.groupTaskRuns(id, groupsMax)),
    listGroupedTaskRuns: (page) => {
      pageRows(page.limit);
      return byCondition((lists) => lists.listGroupedTaskRuns(page));
    },
    listStateMarks: (ids) => byCondition((lists) => lists.listStateMarks(ids)),
    observedStates: () => byCondition((lists) => lists.observedStates()),
    listFlowRuns(filter, page) {
      const byHolder = listFlowRunsByHolder(filter, page);
      if (byHolder !== null) return database.read(byHolder);
      const query = flowRunQuery(filter, page, pageRows(page.limit));
      return byCondition((lists) => lists.find('flow_run', query));
    },
    countFlowRuns: (filter) => byCondition((lists) => lists.count('flow_run', flowRunCondition(filter))),
    listFlows(page) {
      const query = byKey('name', 'asc', EVERYTHING, page.after, pageRows(page.limit));
      return byCondition((lists) => chain(lists.find('flow_summary', query), (flows) => withLastRuns(lists, flows)));
    },
    listTaskRuns(filter, page) {
      const query = taskRunQuery(filter, page, pageRows(page.limit));
      return byCondition((lists) => lists.find('task_run', query));
    },
    countTaskRuns: (filter) =>
      chain(
        byCondition((lists) => lists.countBy('task_run', 'stateType', taskRunCondition(filter))),
        (counts) => Object.fromEntries(counts) as Partial<Record<StateType, number>>,
      ),
    readLogs(filter, { afterSeq, limit, last }) {
      const rows = pageRows(last ?? limit, SCAN_ROWS_MAX);
      const query = logQuery(filter, afterSeq, last === undefined ? 'asc' : 'desc', rows);
      return chain(
        byCondition((lists) => lists.find('log', query)),
        (logs) => (last === undefined ? logs : logs.toReversed()),
      );
    },
  };
}

type WithLastRun = Flow & { readonly runCount: number; readonly lastRun: FlowRun | null };

function withLastRuns(lists: ListsByCondition, flows: readonly FlowSummary[]): MaybePromise<readonly WithLastRun[]> {
  const ids = flows.flatMap(({ lastRunId }) => lastRunId ?? []);
  const where: Condition = { op: 'in', field: 'id', values: ids };
  const runs = lists.find('flow_run', { where, sort: [], limit: ids.length, offset: 0 });
  return chain(runs, (found) => {
    const byId = new Map(found.map((run) => [run.id, run]));
    return flows.map(({ lastRunId, ...flow }) => ({
      ...flow,
      lastRun: lastRunId === null ? null : (byId.get(lastRunId) ?? null),
    }));
  });
}
