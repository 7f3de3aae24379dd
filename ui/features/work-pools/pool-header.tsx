import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { changePool, deletePool, type WorkPoolPageData } from '../../api/work-pools.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { countOf } from '../../components/format.ts';
import { Icon } from '../../components/icon.tsx';
import { goneWhenGone, useChange } from '../live/change.ts';
import { DeletionDialog } from '../run-actions/deletion-dialog.tsx';
import { Command, DialogProblem } from '../run-actions/dialog-parts.tsx';
import { LimitsDialog } from './limits-dialog.tsx';

export function PoolHeader({ page }: { readonly page: WorkPoolPageData }) {
  const { pool, late_run_count: late, active_run_count: active } = page;
  const [asked, setAsked] = useState<'edit' | 'delete' | null>(null);
  const pause = useChange('work-pools', (paused: boolean) => changePool(pool.name, { is_paused: paused }));
  const close = (): void => setAsked(null);
  return (
    <header className="run-head">
      <div className="run-head-top">
        <div>
          <p className="crumbs muted">
            <Link to="/work-pools">Work pools</Link>
          </p>
          <h1>
            <bdi>{pool.name}</bdi> <CopyButton text={pool.name} label="Copy the name" />
          </h1>
          {pool.description !== null && pool.description !== '' && (
            <p className="run-about muted">{pool.description}</p>
          )}
        </div>
        <div className="run-actions">
          <button
            type="button"
            className="button"
            disabled={pause.isPending}
            onClick={() => pause.mutate(!pool.is_paused)}
          >
            <Icon name={pool.is_paused ? 'play' : 'hourglass'} size={14} /> {pool.is_paused ? 'Resume' : 'Pause'}
          </button>
          <button type="button" className="button" aria-haspopup="dialog" onClick={() => setAsked('edit')}>
            <Icon name="rows" size={14} /> Edit…
          </button>
          <button type="button" className="button" aria-haspopup="dialog" onClick={() => setAsked('delete')}>
            <Icon name="bin" size={14} /> Delete
          </button>
        </div>
      </div>
      <div className="run-facts">
        {pool.is_paused && <span className="paused-mark">Paused</span>}
        <span title="Type">
          <Icon name="box" size={14} /> {pool.type}
        </span>
        <span>
          {countOf(active, 'run')} under way
          {pool.concurrency_limit !== null && ` of ${pool.concurrency_limit} at most`}
        </span>
        {late > 0 && <span className="late">{late.toLocaleString('en')} late</span>}
        <Link to="/deployments" search={{ pool: pool.name }}>
          {countOf(page.deployment_count, 'deployment')}
        </Link>
      </div>
      <Hindrance page={page} />
      <DialogProblem error={pause.error} />
      {asked === 'edit' && (
        <LimitsDialog
          title={`Edit ${pool.name}`}
          first={{ description: pool.description, concurrency_limit: pool.concurrency_limit }}
          onSave={(change) => changePool(pool.name, change)}
          onClose={close}
        />
      )}
      {asked === 'delete' && <DeleteDialog page={page} onClose={close} />}
    </header>
  );
}

/** Why its runs would not begin at their time, and what helps. */
function Hindrance({ page: { pool, workers } }: { readonly page: WorkPoolPageData }) {
  if (pool.is_paused) return <p className="hindrance">It is paused: nothing is taken from it until it is resumed.</p>;
  if (pool.status !== 'NOT_READY' || workers.some(({ status }) => status === 'ONLINE')) return null;
  return (
    <div className="hindrance">
      <p>No worker is there: its runs wait until one is started.</p>
      {pool.type === 'process' && (
        <Command
          text={`OSTINATO_API_URL=${location.origin}/api npx ostinato worker start --pool ${shellWord(pool.name)}`}
          label="Copy the command that starts a worker"
        />
      )}
    </div>
  );
}

function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function DeleteDialog({ page, onClose }: { readonly page: WorkPoolPageData; readonly onClose: () => void }) {
  const { pool, queues, deployment_count: deployments } = page;
  const navigate = useNavigate();
  const change = useChange(
    'work-pools',
    () => goneWhenGone(deletePool(pool.name)),
    () => void navigate({ to: '/work-pools', replace: true }),
  );
  return (
    <DeletionDialog title={`Delete ${pool.name}?`} what="work pool" change={change} onClose={onClose}>
      With it {queues.length === 1 ? 'goes' : 'go'} {countOf(queues.length, 'queue')}.
      {deployments > 0 &&
        ` ${countOf(deployments, 'deployment')} ${deployments === 1 ? 'has' : 'have'} no pool then: nobody takes new runs.`}{' '}
      Runs stay.
    </DeletionDialog>
  );
}
