/**
 * The list queries. Their compiler is loaded with the first list: running flows needs none, and must not wait for it.
 * Until then lists return promises; afterwards, on SQLite, they are synchronous.
 */

import { keyQuery, type KeyPage, type ListedNoun } from '../../core/list-query.ts';
import { chain, type MaybePromise } from '../../core/maybe-promise.ts';
import type { EntityByNoun } from '../../core/query.ts';
import type { Database } from '../driver.ts';
import { PAGE_ROWS_MAX, pageRows, SCAN_ROWS_MAX } from '../page.ts';
import type { Lists } from '../port/lists.ts';
import type { ListsByCondition } from '../queries/lists-by-condition.ts';
import { listFlowRunsByHolder } from './flow-runs.ts';
import { fullEvents } from './full-events.ts';

/** @param load the same function each time */
export function listsOn(database: Database, load: () => MaybePromise<ListsByCondition>): Lists {
  const byCondition = <Answer>(ask: (lists: ListsByCondition) => MaybePromise<Answer>): MaybePromise<Answer> =>
    chain(load(), ask);
  const heldRuns = <N extends ListedNoun>(
    noun: N,
    page: KeyPage<N>,
  ): MaybePromise<readonly EntityByNoun[N][]> | null => {
    const read = noun === 'flow_run' ? listFlowRunsByHolder(page as KeyPage<'flow_run'>) : null;
    return read === null ? null : (database.read(read) as MaybePromise<readonly EntityByNoun[N][]>);
  };
  return {
    list(noun, page) {
      const rows = pageRows(page.limit, noun === 'log' ? SCAN_ROWS_MAX : PAGE_ROWS_MAX);
      return heldRuns(noun, page) ?? byCondition((lists) => lists.find(noun, keyQuery(noun, page, rows)));
    },
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
    findEvents(query) {
      if (query.limit === 0) return [];
      const rows = byCondition(({ events }) => events.find(query));
      return chain(rows, (found) => database.read((db) => fullEvents(db, found)));
    },
    countEvents: (filter) => byCondition(({ events }) => events.count(filter)),
    countEventsBy: (filter, key) => byCondition(({ events }) => events.countBy(filter, key)),
    observedStates: () => byCondition((lists) => lists.observedStates()),
  };
}
