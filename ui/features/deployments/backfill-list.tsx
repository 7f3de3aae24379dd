/** The backfills of a deployment: how far each has come, and what can be done with it. */
import { useState } from 'react';

import { changeBackfill, type Backfill } from '../../api/backfills.ts';
import type { DeploymentPageData } from '../../api/deployments.ts';
import { countOf } from '../../components/format.ts';
import { Dialog } from '../../components/dialog.tsx';
import { EmptyNote } from '../../components/notes.tsx';
import { DateTime } from '../../components/times.tsx';
import { lazyPage } from '../connection/lazy-page.tsx';
import { useChange } from '../live/change.ts';
import { DialogActions, DialogProblem } from '../run-actions/dialog-parts.tsx';

const BackfillDialog = lazyPage(null, async () => (await import('./backfill-dialog.tsx')).BackfillDialog);

export function BackfillList({ page: { deployment, schedules, backfills } }: { readonly page: DeploymentPageData }) {
  const [isBeginning, setBeginning] = useState(false);
  return (
    <>
      {backfills.length === 0 && (
        <EmptyNote icon="clock" title="No backfill">
          <p className="muted">A backfill runs it for slots of a schedule that are past.</p>
        </EmptyNote>
      )}
      <ul className="schedules">
        {backfills.map((backfill) => (
          <BackfillCard key={backfill.id} backfill={backfill} />
        ))}
      </ul>
      {schedules.length > 0 ? (
        <button type="button" className="button" aria-haspopup="dialog" onClick={() => setBeginning(true)}>
          Begin a backfill…
        </button>
      ) : (
        <p className="muted">
          It has no schedule. The command <code>ostinato deployment backfill</code> takes other times.
        </p>
      )}
      {isBeginning && (
        <BackfillDialog deploymentId={deployment.id} schedules={schedules} onClose={() => setBeginning(false)} />
      )}
    </>
  );
}

function BackfillCard({ backfill }: { readonly backfill: Backfill }) {
  const { id, name, state, reason, from, to, concurrency, order } = backfill;
  const { total, waiting, open } = backfill.progress;
  const [isAborting, setAborting] = useState(false);
  const change = useChange('deployments', (what: 'pause' | 'resume') => changeBackfill(id, what));
  const isOver = state === 'completed' || state === 'aborted';
  const next = state === 'paused' ? 'resume' : 'pause';
  return (
    <li className="card schedule" aria-label={`Backfill ${name}`}>
      <header className="list-head">
        <h2>
          {name} <span className="paused-mark">{state[0]?.toUpperCase() + state.slice(1)}</span>
        </h2>
        {!isOver && (
          <div className="run-actions">
            <button
              type="button"
              className="button"
              disabled={change.isPending}
              aria-label={`${next === 'pause' ? 'Pause' : 'Resume'} the backfill ${name}`}
              onClick={() => change.mutate(next)}
            >
              {next === 'pause' ? 'Pause' : 'Resume'}
            </button>
            <button
              type="button"
              className="button"
              aria-haspopup="dialog"
              aria-label={`Abort the backfill ${name}`}
              onClick={() => setAborting(true)}
            >
              Abort…
            </button>
          </div>
        )}
      </header>
      <div className="schedule-body">
        <DialogProblem error={change.error} />
        {reason !== null && <p className="muted">{reason}</p>}
        <p className="backfill-progress">
          <progress max={total} value={total - waiting - open} aria-label={`Progress of ${name}`} />
          <span>{progressWords(backfill)}</span>
        </p>
        <p className="muted">
          Slots from <DateTime at={from} /> to <DateTime at={to} />, the {order} first, {concurrency} at once
        </p>
      </div>
      {isAborting && <AbortDialog id={id} name={name} onClose={() => setAborting(false)} />}
    </li>
  );
}

function progressWords({ progress: { total, left_out: leftOut, ...counts } }: Backfill): string {
  const parts = [
    ...(['completed', 'failed', 'crashed', 'cancelled'] as const).map((word) => [counts[word], word] as const),
    [leftOut, 'left out'] as const,
    [counts.open, 'open'] as const,
    [counts.waiting, 'waiting'] as const,
  ];
  const said = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return `${countOf(total, 'slot')}: ${said.join(', ')}`;
}

interface AbortDialogProps {
  readonly id: string;
  readonly name: string;
  readonly onClose: () => void;
}

function AbortDialog({ id, name, onClose }: AbortDialogProps) {
  const change = useChange('deployments', (running: boolean) => changeBackfill(id, 'abort', running), onClose);
  return (
    <Dialog title={`Abort the backfill ${name}?`} onClose={onClose}>
      <p>What has not begun is cancelled. What was done stays. This cannot be undone.</p>
      <DialogProblem error={change.error} />
      <DialogActions onClose={onClose}>
        <button type="button" className="button danger" disabled={change.isPending} onClick={() => change.mutate(true)}>
          Abort, and cancel what runs
        </button>
        <button
          type="button"
          className="button primary danger"
          disabled={change.isPending}
          onClick={() => change.mutate(false)}
        >
          Abort
        </button>
      </DialogActions>
    </Dialog>
  );
}
