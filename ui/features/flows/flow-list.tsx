import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { flowsPageQuery, type FlowsPage } from '../../api/flows.ts';
import { formatDuration } from '../../components/format.ts';
import { useListKeys } from '../../components/hotkeys.ts';
import { EmptyNote, ErrorNote, Skeleton } from '../../components/notes.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { TimeAgo } from '../../components/times.tsx';
import { useLiveRuns } from '../flow-runs/live-runs.ts';
import { badgeOf } from '../states/state-badge.tsx';
import { lookOf, stateColour } from '../states/state-look.ts';

import './flow-list.css';

const PAGE_SIZE = 50;
const RECENT_RUNS = 24;

export function FlowList() {
  const [name, setName] = useState('');
  const [limit, setLimit] = useState(PAGE_SIZE);
  useListKeys('[data-row]');
  const { data, error, refetch } = useQuery(flowsPageQuery({ name, limit, recentRuns: RECENT_RUNS }));
  useLiveRuns(data?.as_of);
  const flows = data?.flows;
  return (
    <>
      <div className="filters-row"><SearchField label="Search flows" value={name} onChange={setName} isMain /></div>
      <section className="card" aria-label="Flows">
        {error !== null && flows === undefined && <ErrorNote error={error} onRetry={() => void refetch()} />}
        {flows === undefined && error === null && <Skeleton lines={6} label="Loading flows" />}
        {flows?.length === 0 && <EmptyNote icon="flow" title={name === '' ? 'No flow yet' : 'No flow has this name'}><p className="muted">A flow appears here with its first run.</p></EmptyNote>}
        {flows !== undefined && flows.length > 0 && <ul className="flow-rows">{flows.map((flow) => <FlowRow key={flow.id} flow={flow} />)}</ul>}
        {flows?.length === limit && limit < 200 && <div className="note-actions"><button type="button" className="button" onClick={() => setLimit(200)}>Show more</button></div>}
      </section>
    </>
  );
}

/** A flow with its newest runs: health at a glance. */
function FlowRow({ flow }: { readonly flow: FlowsPage['flows'][number] }) {
  const { runs } = flow;
  const [last] = runs;
  const longest = Math.max(0.001, ...runs.map((run) => run.total_run_time));
  return (
    <li>
      <Link to="/runs" search={{ flow: flow.id }} className="flow-row" data-row="">
        <span className="flow-row-name"><strong>{flow.name}</strong>{last !== undefined && <span className="muted">last run <TimeAgo at={last.start_time ?? last.created} /></span>}</span>
        <span className="flow-row-state">{last !== undefined && badgeOf(last)}</span>
        <svg className="flow-row-bars" width={RECENT_RUNS * 7} height={30} role="img" aria-label={`Newest runs, oldest first: ${runs.toReversed().map((run) => (run.state_type === null ? 'not started' : lookOf(run.state_type).label)).join(', ')}`}>
          <defs><pattern id={`hatch-${flow.id}`} width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="1.5" height="4" fill="var(--surface)" opacity="0.6" /></pattern></defs>
          {runs.toReversed().map((run, at) => {
            const height = 6 + (run.total_run_time / longest) * 24;
            const place = { x: (RECENT_RUNS - runs.length + at) * 7, y: 30 - height, width: 5, height, rx: 1.5 };
            const isBad = run.state_type === 'FAILED' || run.state_type === 'CRASHED';
            return (
              <g key={run.id}>
                <title>{`${run.name}: ${run.state_name ?? ''}, ${formatDuration(run.total_run_time)}`}</title>
                <rect {...place} fill={run.state_type === null ? 'var(--line)' : `var(${stateColour(run.state_type)})`} />
                {isBad && <rect {...place} fill={`url(#hatch-${flow.id})`} />}
              </g>
            );
          })}
        </svg>
      </Link>
    </li>
  );
}
