import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { flowsPageQuery, type FlowsPage } from '../../api/flows.ts';
import { useListKeys } from '../../components/hotkeys.ts';
import { EmptyNote, ErrorNote, Skeleton } from '../../components/notes.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { useSearchValues } from '../places/search-state.ts';
import { TimeAgo } from '../../components/times.tsx';
import { lazyPage } from '../connection/lazy-page.tsx';
import { useLiveRuns } from '../flow-runs/live-runs.ts';
import { FailureLine } from '../states/failure-line.tsx';
import { badgeOf } from '../states/state-badge.tsx';
import { BARS_SHOWN, RunBars } from '../recent-runs/run-bars.tsx';
import { FlowVersion } from '../flow-runs/flow-version.tsx';
import type { FlowSearch } from './flow-search.ts';

import './flow-list.css';

/** Seen once, before the first run. */
const FirstFlow = lazyPage(null, async () => (await import('../flow-runs/first-flow.tsx')).FirstFlow);

const FLOWS_SHOWN = 50;
/** As many as the server gives at once: beyond them one finds by name. */
const FLOWS_MAX = 200;

export function FlowList() {
  const [{ name = '', more = false }, change] = useSearchValues<FlowSearch>(['name', 'more']);
  const limit = more ? FLOWS_MAX : FLOWS_SHOWN;
  useListKeys('[data-row]');
  const { data, error, refetch } = useQuery(flowsPageQuery({ name, limit, recentRuns: BARS_SHOWN }));
  useLiveRuns(data?.as_of);
  const flows = data?.flows;
  if (flows?.length === 0 && name === '') return <FirstFlow />;
  return (
    <>
      <div className="filters-row">
        <SearchField
          label="Search flows"
          value={name}
          onChange={(next, options) => change({ name: next }, options)}
          isMain
        />
      </div>
      <section className="card" aria-label="Flows">
        {error !== null && flows === undefined && <ErrorNote error={error} onRetry={() => void refetch()} />}
        {flows === undefined && error === null && <Skeleton lines={6} label="Loading flows" />}
        {flows?.length === 0 && (
          <EmptyNote icon="flow" title="No flow has this name">
            <p className="muted">A flow appears here with its first run.</p>
          </EmptyNote>
        )}
        {flows !== undefined && flows.length > 0 && (
          <ul className="flow-rows">
            {flows.map((flow) => (
              <FlowRow key={flow.id} flow={flow} />
            ))}
          </ul>
        )}
        {flows?.length === limit && !more && (
          <div className="note-actions">
            <button type="button" className="button" onClick={() => change({ more: true })}>
              Show more
            </button>
          </div>
        )}
      </section>
    </>
  );
}

/** A flow with its newest runs: health at a glance. */
function FlowRow({ flow }: { readonly flow: FlowsPage['flows'][number] }) {
  const { runs } = flow;
  const [last] = runs;
  return (
    <li>
      <Link to="/runs" search={{ flow: flow.id }} className="flow-row" data-row="">
        <span className="flow-row-name">
          <strong title={flow.name} dir="auto">
            {flow.name}
          </strong>
          {flow.description !== null && flow.description !== undefined && (
            <span className="muted" title={flow.description}>
              {flow.description}
            </span>
          )}
          {last !== undefined && (
            <span className="muted">
              last run <TimeAgo at={last.start_time ?? last.created} />
              {last.flow_version !== null && last.flow_version !== undefined && (
                <>
                  , <FlowVersion version={last.flow_version} />
                </>
              )}
            </span>
          )}
          {last !== undefined && <FailureLine type={last.state_type} message={flow.last_message} />}
        </span>
        <span className="flow-row-state">{last !== undefined && badgeOf(last)}</span>
        <RunBars id={flow.id} runs={runs} />
      </Link>
    </li>
  );
}
