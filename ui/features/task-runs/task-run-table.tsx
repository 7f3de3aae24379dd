/** The task runs of a flow run as a table: what the timeline shows, for reading, searching and hearing. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { subflowRunsQuery } from '../../api/flow-runs.ts';
import { insideRowsQuery } from '../../api/inside.ts';
import { STATE_TYPES, type StateType } from '../../api/states.ts';
import { taskRunCountQuery, taskRunListQuery, type TaskRunSelection } from '../../api/task-runs.ts';
import { useListKeys } from '../../components/hotkeys.ts';
import { EmptyNote, ErrorNote, Skeleton } from '../../components/notes.tsx';
import { Pager, useLastPage } from '../../components/pager.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { useSearchValues } from '../places/search-state.ts';
import { DateTime, Duration } from '../../components/times.tsx';
import { badgeOf, runningSince } from '../states/state-badge.tsx';
import { lookOf } from '../states/state-look.ts';
import { InsideGroupRows, InsideRunRow, Reason } from './inside-rows.tsx';
import type { TaskListSearch } from './task-run-search.ts';

import './task-runs.css';

const PAGE_SIZE = 50;

export function TaskRunTable({ flowRunId }: { readonly flowRunId: string }) {
  const [{ name = '', state }, change] = useSearchValues<TaskListSearch>(['name', 'state']);
  useListKeys('[data-task-row]');
  const isNarrowed = name !== '' || state !== undefined;
  return (
    <>
      <div className="filters-row">
        <SearchField
          label="Search task runs"
          value={name}
          onChange={(value, options) => change({ name: value, page: undefined }, options)}
          isMain
        />
        <select
          className="select"
          aria-label="State"
          value={state ?? ''}
          onChange={(event) =>
            change({ state: (event.target.value || undefined) as StateType | undefined, page: undefined })
          }
        >
          <option value="">All states</option>
          {STATE_TYPES.map((type) => (
            <option key={type} value={type}>
              {lookOf(type).label}
            </option>
          ))}
        </select>
      </div>
      {isNarrowed ? (
        <FoundRuns
          key={`${state} ${name}`}
          selection={{ flowRunId, name, stateTypes: state === undefined ? [] : [state] }}
        />
      ) : (
        <InsideTable flowRunId={flowRunId} />
      )}
    </>
  );
}

function TaskTable({ what = 'Task run', children }: { readonly what?: string; readonly children: ReactNode }) {
  return (
    <div className="table-frame">
      <table className="task-table">
        <thead>
          <tr>
            <th scope="col">{what}</th>
            <th scope="col">State</th>
            <th scope="col">Started</th>
            <th scope="col">Attempts</th>
            <th scope="col">Duration</th>
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** Everything: many runs of one task or map are one row. */
function InsideTable({ flowRunId }: { readonly flowRunId: string }) {
  const [{ page = 1 }, change] = useSearchValues<TaskListSearch>(['page']);
  const { data, error, isPlaceholderData, refetch } = useQuery(
    insideRowsQuery(flowRunId, { limit: PAGE_SIZE, offset: (page - 1) * PAGE_SIZE }),
  );
  useLastPage(page, PAGE_SIZE, isPlaceholderData ? undefined : data?.group_count, (last) =>
    change({ page: last }, { isMore: true }),
  );
  if (error !== null && data === undefined) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={6} label="Loading task runs" />;
  if (data.rows.length === 0)
    return (
      <EmptyNote icon="rows" title="No task run">
        <p className="muted">This flow called no task so far.</p>
      </EmptyNote>
    );
  return (
    <>
      <TaskTable>
        {data.rows.map(({ run, group }) =>
          run !== null ? (
            <InsideRunRow key={run.id} run={run} flowRunId={flowRunId} />
          ) : (
            group !== null && <InsideGroupRows key={group.key} group={group} flowRunId={flowRunId} />
          ),
        )}
      </TaskTable>
      <Pager page={page} pageSize={PAGE_SIZE} total={data.group_count} onPage={(next) => change({ page: next })} />
    </>
  );
}

/** What a search finds, one by one. */
function FoundRuns({ selection }: { readonly selection: TaskRunSelection }) {
  const [{ page = 1 }, change] = useSearchValues<TaskListSearch>(['page']);
  const { flowRunId } = selection;
  const {
    data: runs,
    error,
    refetch,
  } = useQuery(taskRunListQuery(selection, { limit: PAGE_SIZE, offset: (page - 1) * PAGE_SIZE }));
  const { data: total, isPlaceholderData } = useQuery(taskRunCountQuery(selection));
  useLastPage(page, PAGE_SIZE, isPlaceholderData ? undefined : total, (last) =>
    change({ page: last }, { isMore: true }),
  );
  if (error !== null && runs === undefined) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (runs === undefined) return <Skeleton lines={6} label="Loading task runs" />;
  return (
    <>
      {runs.length === 0 && (
        <EmptyNote icon="rows" title="No task run matches">
          <p className="muted">None has this name and state.</p>
        </EmptyNote>
      )}
      {runs.length > 0 && (
        <TaskTable>
          {runs.map((run) => (
            <tr key={run.id}>
              <th scope="row">
                <Link
                  to="/runs/flow-run/$id"
                  params={{ id: flowRunId }}
                  search={(old) => ({ ...old, task: run.id })}
                  data-task-row=""
                  title={run.name}
                >
                  {run.name}
                </Link>
                {SAYS_WHY.has(run.state_type) && <Reason>{run.state?.message}</Reason>}
              </th>
              <td>{badgeOf(run)}</td>
              <td className="muted">
                <DateTime at={run.start_time} />
              </td>
              <td data-number="true">{run.run_count}</td>
              <td data-number="true">
                {run.start_time === null ? '–' : <Duration seconds={run.total_run_time} since={runningSince(run)} />}
              </td>
            </tr>
          ))}
        </TaskTable>
      )}
      <Pager page={page} pageSize={PAGE_SIZE} total={total} onPage={(next) => change({ page: next })} />
      <SubflowRuns flowRunId={flowRunId} />
    </>
  );
}

const SAYS_WHY: ReadonlySet<StateType | null> = new Set([
  'FAILED',
  'CRASHED',
  'CANCELLED',
  'SCHEDULED',
  'PAUSED',
] as const);

/** Flows that the run called: runs of their own, with pages of their own. */
function SubflowRuns({ flowRunId }: { readonly flowRunId: string }) {
  const { data: runs = [] } = useQuery(subflowRunsQuery(flowRunId));
  if (runs.length === 0) return null;
  return (
    <>
      <h2 className="section-title">Subflow runs</h2>
      <TaskTable what="Subflow run">
        {runs.map((run) => (
          <tr key={run.id}>
            <th scope="row">
              <Link to="/runs/flow-run/$id" params={{ id: run.id }} data-task-row="" title={run.name}>
                {run.flow_name === undefined ? run.name : `${run.flow_name} / ${run.name}`}
              </Link>
              {SAYS_WHY.has(run.state_type) && <Reason>{run.state?.message}</Reason>}
            </th>
            <td>{badgeOf(run)}</td>
            <td className="muted">
              <DateTime at={run.start_time} />
            </td>
            <td data-number="true">{run.run_count}</td>
            <td data-number="true">
              {run.start_time === null ? '–' : <Duration seconds={run.total_run_time} since={runningSince(run)} />}
            </td>
          </tr>
        ))}
      </TaskTable>
    </>
  );
}
