import { useQuery } from '@tanstack/react-query';

import { stateHistoryQuery, type State } from '../../api/states.ts';
import { formatDuration, formatPreciseTime, isoTitle } from '../../components/format.ts';
import { parseInstant } from '../../components/instant.ts';
import { ErrorNote, Skeleton } from '../../components/notes.tsx';
import { lazyPage } from '../connection/lazy-page.tsx';
import { StateBadge } from './state-badge.tsx';

const FailureView = lazyPage(null, async () => (await import('../failures/failure-view.tsx')).FailureView);

/** Every state that a run went through, newest at the bottom, with how long it stayed. */
export function StateHistory({ kind, runId }: { readonly kind: 'flow-run' | 'task-run'; readonly runId: string }) {
  const { data: states, error, refetch } = useQuery(stateHistoryQuery(kind, runId));
  if (error !== null && states === undefined) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (states === undefined) return <Skeleton lines={4} />;
  if (states.length === 0) return <p className="muted">No state has been recorded yet.</p>;
  return (
    <ol className="state-history">
      {states.map((state, at) => (
        <HistoryEntry key={state.id} state={state} next={states[at + 1]} />
      ))}
    </ol>
  );
}

function HistoryEntry({ state, next }: { readonly state: State; readonly next: State | undefined }) {
  const then = parseInstant(state.timestamp);
  const stayed = next === undefined ? null : (parseInstant(next.timestamp) - then) / 1000;
  return (
    <li>
      <div className="state-history-head">
        <StateBadge type={state.type} name={state.name} />
        <time className="muted" dateTime={state.timestamp} title={isoTitle(state.timestamp)}>
          {formatPreciseTime(then)}
        </time>
        {stayed !== null && <span className="muted">for {formatDuration(stayed)}</span>}
      </div>
      {state.message !== null && state.message !== '' && (
        <p className="state-message" tabIndex={0}>
          {state.message}
        </p>
      )}
      {state.evidence !== null && state.evidence !== undefined && (
        <p className="muted">How it is known: {state.evidence}</p>
      )}
      {state.failure !== null && state.failure !== undefined && state.failure.stack !== null && (
        <details>
          <summary>Stack of {state.failure.name}</summary>
          <FailureView failure={state.failure} />
        </details>
      )}
    </li>
  );
}
