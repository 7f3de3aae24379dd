/** What the address of the page of a run says. Pure. */
import { idIn, oneIn, said, scopedSearch, type RawSearch } from '../../components/search-values.ts';
import { parseLogSearch, type LogSearch } from '../logs/log-search.ts';
import { parseTaskListSearch, parseTaskRunSearch, type TaskListSearch } from '../task-runs/task-run-search.ts';
import { RUN_TABS, type RunTab } from './run-tabs.ts';

/** The task run beside it has fields of its own: those of `TaskRunSearch`, as `taskTab` and so on. */
export interface RunPageSearch extends LogSearch, TaskListSearch {
  readonly tab?: RunTab | undefined;
  /** The task run that is shown beside it. */
  readonly task?: string | undefined;
}

export const TASK_SCOPE = 'task';
const parseBeside = scopedSearch(TASK_SCOPE, parseTaskRunSearch);

export function parseRunPageSearch(raw: RawSearch): RunPageSearch {
  const tab = oneIn(raw['tab'], RUN_TABS);
  const task = idIn(raw['task']);
  return {
    ...said({ tab: tab === 'logs' ? undefined : tab, task }),
    ...parseLogSearch(raw),
    ...parseTaskListSearch(raw),
    ...(task === undefined ? {} : parseBeside(raw)),
  };
}
