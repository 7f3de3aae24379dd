/** The task runs of a flow run as a table: what the timeline shows, for reading, searching and hearing. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { subflowRunsQuery } from '../../api/flow-runs.ts';
import { STATE_TYPES, type StateType } from '../../api/states.ts';
import { taskRunCountQuery, taskRunListQuery } from '../../api/task-runs.ts';
import { useListKeys } from '../../components/hotkeys.ts';
import { EmptyNote, ErrorNote, Skeleton } from '../../components/notes.tsx';
import { Pager } from '../../components/pager.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { DateTime, Duration } from '../../components/times.tsx';
import { badgeOf, runningSince } from '../states/state-badge.tsx';
import { lookOf } from '../states/state-look.ts';

const PAGE_SIZE = 50;

export function TaskRunTable({ flowRunId }: { readonly flowRunId: string }) {
  const [name, setName] = useState('');
  const [state, setState] = useState<StateType | ''>('');
  const [page, setPage] = useState(1);
  useListKeys('[data-task-row]');
  const selection = { flowRunId, name, stateTypes: state === '' ? [] : [state] };
  const { data: runs, error, refetch } = useQuery(taskRunListQuery(selection, { limit: PAGE_SIZE, offset: (page - 1) * PAGE_SIZE }));
  const { data: total } = useQuery(taskRunCountQuery(selection));
  const isNarrowed = name !== '' || state !== '';
  return (
    <>
      <div className="filters-row">
        <SearchField label="Search task runs" value={name} onChange={(value) => { setName(value); setPage(1); }} isMain />
        <select className="select" aria-label="State" value={state} onChange={(event) => { setState(event.target.value as StateType | ''); setPage(1); }}>
          <option value="">All states</option>
          {STATE_TYPES.map((type) => <option key={type} value={type}>{lookOf(type).label}</option>)}
        </select>
      </div>
      {error !== null && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {runs === undefined && error === null && <Skeleton lines={6} label="Loading task runs" />}
      {runs?.length === 0 && <EmptyNote icon="rows" title={isNarrowed ? 'No task run matches' : 'No task run'}><p className="muted">{isNarrowed ? 'None has this name and state.' : 'This flow called no task so far.'}</p></EmptyNote>}
      {runs !== undefined && runs.length > 0 && (
        <div className="table-frame">
          <table className="task-table">
            <thead><tr><th scope="col">Task run</th><th scope="col">State</th><th scope="col">Started</th><th scope="col">Attempts</th><th scope="col">Duration</th></tr></thead>
            <tbody>
              {runs.map((run) => (
                <tr key={run.id}>
                  <th scope="row"><Link to="/runs/flow-run/$id" params={{ id: flowRunId }} search={(old) => ({ ...old, task: run.id })} data-task-row="">{run.name}</Link></th>
                  <td>{badgeOf(run)}</td>
                  <td className="muted"><DateTime at={run.start_time} /></td>
                  <td data-number="true">{run.run_count}</td>
                  <td data-number="true">{run.start_time === null ? '–' : <Duration seconds={run.total_run_time} since={runningSince(run)} />}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Pager page={page} pageSize={PAGE_SIZE} total={total} onPage={setPage} />
      <SubflowRuns flowRunId={flowRunId} />
    </>
  );
}

/** Flows that the run called: runs of their own, with pages of their own. */
function SubflowRuns({ flowRunId }: { readonly flowRunId: string }) {
  const { data: runs = [] } = useQuery(subflowRunsQuery(flowRunId));
  if (runs.length === 0) return null;
  return (
    <>
      <h2 className="section-title">Subflow runs</h2>
      <div className="table-frame">
        <table className="task-table">
          <thead><tr><th scope="col">Subflow run</th><th scope="col">State</th><th scope="col">Started</th><th scope="col">Attempts</th><th scope="col">Duration</th></tr></thead>
          <tbody>
            {runs.map((run) => (
              <tr key={run.id}>
                <th scope="row"><Link to="/runs/flow-run/$id" params={{ id: run.id }} data-task-row="">{run.flow_name === undefined ? run.name : `${run.flow_name} / ${run.name}`}</Link></th>
                <td>{badgeOf(run)}</td>
                <td className="muted"><DateTime at={run.start_time} /></td>
                <td data-number="true">{run.run_count}</td>
                <td data-number="true">{run.start_time === null ? '–' : <Duration seconds={run.total_run_time} since={runningSince(run)} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
