/** The workers of a pool: whether each is there, what it does, and what runs in the pool now, with its process. */
import { Link } from '@tanstack/react-router';

import { forgetWorker, type Worker, type WorkPoolPageData } from '../../api/work-pools.ts';
import { EmptyNote } from '../../components/notes.tsx';
import { DateTime, TimeAgo } from '../../components/times.tsx';
import { goneWhenGone, useChange } from '../live/change.ts';
import { DialogProblem } from '../run-actions/dialog-parts.tsx';
import { badgeOf } from '../states/state-badge.tsx';

export function WorkerList({ page }: { readonly page: WorkPoolPageData }) {
  const { pool, workers, worker_count: count, active } = page;
  if (workers.length === 0)
    return (
      <EmptyNote icon="box" title="No worker yet">
        <p className="muted">A worker appears here when it first asks this pool for runs.</p>
      </EmptyNote>
    );
  return (
    <>
      <ul className="card pool-parts" aria-label="Workers, the one heard of last first">
        {workers.map((worker) => (
          <WorkerRow key={worker.id} pool={pool.name} worker={worker} active={active} />
        ))}
        {workers.length < count && (
          <li className="list-rest muted">
            These are the {workers.length} that were heard of last, of {count.toLocaleString('en')}.
          </li>
        )}
      </ul>
      <h2 className="section-title">What they do now</h2>
      {active.length === 0 ? (
        <p className="muted">Nothing runs.</p>
      ) : (
        <ul className="card pool-parts" aria-label="Runs under way">
          {active.map(({ run, process, work_queue_name: queue, worker_name: by }) => (
            <li key={run.id} className="pool-part">
              <div className="pool-name">
                <Link to="/runs/flow-run/$id" params={{ id: run.id }} title={run.name}>
                  <bdi>{run.name}</bdi>
                </Link>
                <span className="muted" title={run.flow_name}>
                  {run.flow_name}
                </span>
              </div>
              <div className="pool-does">
                <span>
                  {badgeOf(run)}{' '}
                  <span className="muted">
                    since <TimeAgo at={run.state.timestamp} />
                  </span>
                </span>
                <span className="muted">
                  {[
                    queue === null ? null : `Queue ${queue}`,
                    by === null ? null : `worker ${by}`,
                    process === null ? null : `process ${process}`,
                  ]
                    .filter((part) => part !== null)
                    .join(' · ')}
                </span>
              </div>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

interface WorkerRowProps {
  readonly pool: string;
  readonly worker: Worker;
  /** Of the whole pool. */
  readonly active: WorkPoolPageData['active'];
}

function WorkerRow({ pool, worker, active }: WorkerRowProps) {
  const { name, status, last_heartbeat_time: heard, heartbeat_interval_seconds: seconds } = worker;
  const forget = useChange('work-pools', () => goneWhenGone(forgetWorker(pool, name)));
  const isThere = status === 'ONLINE';
  return (
    <li className="pool-part">
      <div className="pool-name">
        <strong title={name} dir="auto">
          {name}
        </strong>
        <span className="muted">
          Known since <DateTime at={worker.created} />
        </span>
      </div>
      <div className="pool-does">
        <span className="pool-status" data-status={isThere ? 'ready' : 'waits'}>
          {isThere ? 'There' : 'Not heard of'}
        </span>
        <span className="muted">
          Last heard of <TimeAgo at={heard} />
          {seconds !== null && `, says so every ${seconds} s`}
        </span>
        <WorkerRuns name={name} isThere={isThere} active={active} />
        <DialogProblem error={forget.error} />
      </div>
      <div className="run-actions">
        {!isThere && (
          <button
            type="button"
            className="button"
            disabled={forget.isPending}
            aria-label={`Forget the worker ${name}`}
            onClick={() => forget.mutate()}
          >
            Forget
          </button>
        )}
      </div>
    </li>
  );
}

interface WorkerRunsProps extends Pick<WorkerRowProps, 'active'> {
  readonly name: string;
  readonly isThere: boolean;
}

/** What it does now, as far as its runs say who has them. */
function WorkerRuns({ name, isThere, active }: WorkerRunsProps) {
  const own = active.filter(({ worker_name: by }) => by === name);
  if (own.length === 0) {
    const isKnown = active.every(({ worker_name: by }) => by !== null);
    return isThere && isKnown ? <span className="muted">Has no run now</span> : null;
  }
  return (
    <ul className="worker-runs" aria-label={`What ${name} does now`}>
      {own.map(({ run }) => (
        <li key={run.id}>
          <Link to="/runs/flow-run/$id" params={{ id: run.id }} title={run.name}>
            <bdi>{run.name}</bdi>
          </Link>{' '}
          {badgeOf(run)}
        </li>
      ))}
    </ul>
  );
}
