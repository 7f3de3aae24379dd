/** What addresses say of the table of task runs, and of one task run. Pure. */
import { STATE_TYPES, type StateType } from '../../api/states.ts';
import { oneIn, said, textIn, wholeIn, type RawSearch } from '../../components/search-values.ts';
import { parseLogSearch, type LogSearch } from '../logs/log-search.ts';

export interface TaskListSearch {
  readonly name?: string;
  readonly state?: StateType;
  readonly page?: number;
}

const PAGE_MAX = 1_000_000;

export function parseTaskListSearch(raw: RawSearch): TaskListSearch {
  return said({
    name: textIn(raw['name']),
    state: oneIn<StateType>(raw['state'], STATE_TYPES),
    page: wholeIn(raw['page'], 2, PAGE_MAX),
  });
}

/** Parts of a task run, the one that is open at first in front. */
export const TASK_RUN_TABS = ['details', 'logs', 'states', 'artifacts', 'result'] as const;
export type TaskRunTab = (typeof TASK_RUN_TABS)[number];

export interface TaskRunSearch extends LogSearch {
  readonly tab?: TaskRunTab;
}

export function parseTaskRunSearch(raw: RawSearch): TaskRunSearch {
  const tab = oneIn(raw['tab'], TASK_RUN_TABS);
  return { ...said({ tab: tab === 'details' ? undefined : tab }), ...parseLogSearch(raw) };
}
