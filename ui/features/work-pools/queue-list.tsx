/** The queues of a pool, the one that comes first first. */
import { useState } from 'react';

import { changeQueue, deleteQueue, type QueueInPool, type WorkPoolPageData } from '../../api/work-pools.ts';
import { countOf } from '../../components/format.ts';
import { TimeAgo } from '../../components/times.tsx';
import { goneWhenGone, useChange } from '../live/change.ts';
import { DeletionDialog } from '../run-actions/deletion-dialog.tsx';
import { DialogProblem } from '../run-actions/dialog-parts.tsx';
import { LimitsDialog } from './limits-dialog.tsx';

export function QueueList({ page: { pool, queues } }: { readonly page: WorkPoolPageData }) {
  return (
    <ul className="card pool-parts" aria-label="Queues, the first first">
      {queues.map((queue) => (
        <Queue
          key={queue.queue.id}
          pool={pool.name}
          queue={queue}
          isDefault={queue.queue.id === pool.default_queue_id}
        />
      ))}
    </ul>
  );
}

interface QueueProps {
  readonly pool: string;
  readonly queue: QueueInPool;
  /** It stays as long as its pool. */
  readonly isDefault: boolean;
}

function Queue({ pool, queue: { queue, active_run_count: active, late_run_count: late }, isDefault }: QueueProps) {
  const { name, is_paused: isPaused, concurrency_limit: limit, last_polled: polled } = queue;
  const [asked, setAsked] = useState<'edit' | 'delete' | null>(null);
  const pause = useChange('work-pools', (paused: boolean) => changeQueue(pool, name, { is_paused: paused }));
  const close = (): void => setAsked(null);
  return (
    <li className="pool-part">
      <div className="pool-name">
        <strong title={name} dir="auto">
          {name}
        </strong>
        {queue.description !== null && queue.description !== '' && (
          <span className="muted" title={queue.description}>
            {queue.description}
          </span>
        )}
      </div>
      <div className="pool-does">
        <span>
          {isPaused && <span className="paused-mark">Paused</span>} Priority {queue.priority} ·{' '}
          {active === 0 ? 'nothing runs' : `${countOf(active, 'run')} under way`}
          {limit !== null && <span className="muted"> of {limit} at most</span>}
          {late > 0 && <span className="late"> · {countOf(late, 'late run')}</span>}
        </span>
        <span className="muted">
          {polled === null ? (
            'Nobody has asked for its runs'
          ) : (
            <>
              Asked for runs <TimeAgo at={polled} />
            </>
          )}
        </span>
        <DialogProblem error={pause.error} />
      </div>
      <div className="run-actions">
        <button
          type="button"
          className="button"
          disabled={pause.isPending}
          aria-label={`${isPaused ? 'Resume' : 'Pause'} the queue ${name}`}
          onClick={() => pause.mutate(!isPaused)}
        >
          {isPaused ? 'Resume' : 'Pause'}
        </button>
        <button
          type="button"
          className="button"
          aria-haspopup="dialog"
          aria-label={`Edit the queue ${name}`}
          onClick={() => setAsked('edit')}
        >
          Edit…
        </button>
        {!isDefault && (
          <button
            type="button"
            className="button"
            aria-haspopup="dialog"
            aria-label={`Delete the queue ${name}`}
            onClick={() => setAsked('delete')}
          >
            Delete
          </button>
        )}
      </div>
      {asked === 'edit' && (
        <LimitsDialog
          title={`Edit ${name}`}
          first={{ description: queue.description, concurrency_limit: limit, priority: queue.priority }}
          onSave={(change) => changeQueue(pool, name, change)}
          onClose={close}
        />
      )}
      {asked === 'delete' && <DeleteDialog pool={pool} name={name} onClose={close} />}
    </li>
  );
}

function DeleteDialog({
  pool,
  name,
  onClose,
}: {
  readonly pool: string;
  readonly name: string;
  readonly onClose: () => void;
}) {
  const change = useChange('work-pools', () => goneWhenGone(deleteQueue(pool, name)), onClose);
  return (
    <DeletionDialog title={`Delete ${name}?`} what="queue" change={change} onClose={onClose}>
      Its runs stay, and nobody takes those that wait in it.
    </DeletionDialog>
  );
}
