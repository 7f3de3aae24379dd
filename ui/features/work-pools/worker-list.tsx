/** The workers of a pool: whether each is there, and what runs in the pool now, with its process. */
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
          <WorkerRow key={worker.id} pool={pool.name} worker={worker} />
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
          {active.map(({ run, process, work_queue_name: queue }) => (
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
                  {queue === null ? '' : `Queue ${queue}`}
                  {process !== null && ` · process ${process}`}
                </span>
              </div>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function WorkerRow({ pool, worker }: { readonly pool: string; readonly worker: Worker }) {
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
