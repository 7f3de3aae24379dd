/** How often a task run was tried, what came of it each time, and when it is tried again. */
import type { State } from '../../api/states.ts';
import type { TaskRun } from '../../api/task-runs.ts';
import { useNow } from '../../components/clock.ts';
import { formatDuration, formatPreciseTime } from '../../components/format.ts';
import { StateBadge } from '../states/state-badge.tsx';
import { attemptsOf, retryAhead, type Attempt } from './attempts.ts';

/** More are in the list of states. */
const SHOWN_MAX = 20;

export function TaskAttempts({ run, states }: { readonly run: TaskRun; readonly states: readonly State[] }) {
  const attempts = attemptsOf(states, run.run_count);
  if (attempts.length === 0) return null;
  const shown = attempts.slice(-SHOWN_MAX);
  const [first] = shown;
  return (
    <>
      <h2 className="section-title">Attempts</h2>
      {first !== undefined && first.number > 1 && (
        <p className="muted">
          The newest {shown.length} of {run.run_count}.
        </p>
      )}
      <ol className="state-history attempts">
        {shown.map((attempt) => (
          <AttemptEntry key={attempt.number} attempt={attempt} />
        ))}
      </ol>
    </>
  );
}

function AttemptEntry({ attempt: { number, start, end, outcome } }: { readonly attempt: Attempt }) {
  const now = useNow(end === null ? 500 : null);
  return (
    <li>
      <div className="state-history-head">
        <strong>Attempt {number}</strong>
        {/* An attempt that another follows went wrong, whatever the run waits for then. */}
        {outcome === null ? (
          <StateBadge type="RUNNING" name={null} />
        ) : (
          <StateBadge
            type={outcome.type === 'SCHEDULED' ? 'FAILED' : outcome.type}
            name={outcome.type === 'SCHEDULED' ? null : outcome.name}
          />
        )}
        <time className="muted" dateTime={new Date(start).toISOString()}>
          {formatPreciseTime(start)}
        </time>
        <span className="muted">
          {end === null ? 'so far ' : 'for '}
          {formatDuration(((end ?? now) - start) / 1000)}
        </span>
      </div>
      {outcome?.message !== null && outcome?.message !== undefined && outcome.message !== '' && (
        <p className="state-message" tabIndex={0}>
          {outcome.message}
        </p>
      )}
    </li>
  );
}

/** For instance `attempt 2 of 3, next in 40 s`. Nothing for a run that waits for no retry. */
export function RetryCountdown({ run }: { readonly run: TaskRun }) {
  const ahead = retryAhead(run.state, run.run_count, run.empirical_policy.retries ?? 0);
  const now = useNow(ahead === null ? null : 500);
  if (ahead === null) return null;
  const left = ahead.at === null ? 0 : (ahead.at - now) / 1000;
  return (
    <span className="retry-ahead">
      attempt {ahead.next} of {ahead.most}, {left >= 0.5 ? `next in ${formatDuration(Math.round(left))}` : 'due now'}
    </span>
  );
}
