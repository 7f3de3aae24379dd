/** The schedules of a deployment: each with its next times, and what changes of clocks do to them. */
import { useState } from 'react';

import {
  deleteSchedule,
  setScheduleActive,
  type Deployment,
  type DeploymentPageData,
  type NextDate,
  type ScheduleAhead,
} from '../../api/deployments.ts';
import { printJson } from '../../api/lossless-json.ts';
import { EmptyNote } from '../../components/notes.tsx';
import { DateTime, TimeAgo } from '../../components/times.tsx';
import { lazyPage } from '../connection/lazy-page.tsx';
import { goneWhenGone, useChange } from '../live/change.ts';
import { DeletionDialog } from '../run-actions/deletion-dialog.tsx';
import { DialogProblem } from '../run-actions/dialog-parts.tsx';
import { ScheduleRules } from './schedule-rules.tsx';

const ScheduleDialog = lazyPage(null, async () => (await import('./schedule-dialog.tsx')).ScheduleDialog);

export function ScheduleList({ page: { deployment, schedules } }: { readonly page: DeploymentPageData }) {
  const [isAdding, setAdding] = useState(false);
  return (
    <>
      {schedules.length === 0 && (
        <EmptyNote icon="clock" title="No schedule">
          <p className="muted">It runs when somebody asks for it.</p>
        </EmptyNote>
      )}
      <ul className="schedules">
        {schedules
          .toSorted((a, b) => Number(b.active) - Number(a.active))
          .map((schedule) => (
            <Schedule
              key={schedule.id}
              deployment={deployment}
              schedule={schedule}
              own={deployment.schedules.find(({ id }) => id === schedule.id)}
            />
          ))}
      </ul>
      <button type="button" className="button" aria-haspopup="dialog" onClick={() => setAdding(true)}>
        Add a schedule…
      </button>
      {isAdding && <ScheduleDialog deploymentId={deployment.id} schedule={null} onClose={() => setAdding(false)} />}
    </>
  );
}

interface ScheduleProps {
  readonly deployment: Deployment;
  readonly schedule: ScheduleAhead;
  /** As it is written. */
  readonly own: Deployment['schedules'][number] | undefined;
}

function Schedule({ deployment, schedule, own }: ScheduleProps) {
  const { id, words, active, next, at_clock_changes: changes } = schedule;
  const [asked, setAsked] = useState<'edit' | 'delete' | null>(null);
  const change = useChange('deployments', (isActive: boolean) => setScheduleActive(deployment.id, id, isActive));
  const close = (): void => setAsked(null);
  return (
    <li className="card schedule">
      <header className="list-head">
        <h2>
          {words[0]?.toUpperCase()}
          {words.slice(1)} {!active && <span className="paused-mark">Paused</span>}
        </h2>
        <div className="run-actions">
          <button
            type="button"
            className="button"
            disabled={change.isPending}
            aria-label={`${active ? 'Pause' : 'Resume'} this schedule: ${words}`}
            onClick={() => change.mutate(!active)}
          >
            {active ? 'Pause' : 'Resume'}
          </button>
          <button
            type="button"
            className="button"
            aria-haspopup="dialog"
            aria-label={`Edit this schedule: ${words}`}
            onClick={() => setAsked('edit')}
          >
            Edit…
          </button>
          <button
            type="button"
            className="button"
            aria-haspopup="dialog"
            aria-label={`Delete this schedule: ${words}`}
            onClick={() => setAsked('delete')}
          >
            Delete
          </button>
        </div>
      </header>
      <div className="schedule-body">
        <DialogProblem error={change.error} />
        {own?.slug !== null && own?.slug !== undefined && (
          <p className="muted">
            Named <code>{own.slug}</code>
          </p>
        )}
        {own !== undefined && Object.keys(own.parameters).length > 0 && (
          <p className="muted">
            With the parameters <code>{printJson(own.parameters)}</code>
          </p>
        )}
        {own !== undefined && <ScheduleRules schedule={own} />}
        <Dates
          title={active && !deployment.paused ? 'Next runs' : 'Next runs, if it were not paused'}
          dates={next}
          none="It names no further time."
        />
        {changes.length > 0 && <Dates title="At the next changes of clocks" dates={changes} none="" />}
      </div>
      {asked === 'edit' && own !== undefined && (
        <ScheduleDialog deploymentId={deployment.id} schedule={{ id, written: own.schedule }} onClose={close} />
      )}
      {asked === 'delete' && <DeleteDialog deploymentId={deployment.id} id={id} words={words} onClose={close} />}
    </li>
  );
}

interface DeleteDialogProps {
  readonly deploymentId: string;
  readonly id: string;
  readonly words: string;
  readonly onClose: () => void;
}

function DeleteDialog({ deploymentId, id, words, onClose }: DeleteDialogProps) {
  const change = useChange('deployments', () => goneWhenGone(deleteSchedule(deploymentId, id)), onClose);
  return (
    <DeletionDialog title="Delete the schedule?" what="schedule" change={change} onClose={onClose}>
      {words[0]?.toUpperCase()}
      {words.slice(1)}. With it go the runs that it made ahead.
    </DeletionDialog>
  );
}

function Dates({
  title,
  dates,
  none,
}: {
  readonly title: string;
  readonly dates: readonly NextDate[];
  readonly none: string;
}) {
  return (
    <section>
      <h3>{title}</h3>
      {dates.length === 0 && <p className="muted">{none}</p>}
      <ol className="schedule-dates">
        {dates.map((date) => (
          <li key={date.at}>
            <DateTime at={date.at} />{' '}
            <span className="muted">
              <TimeAgo at={date.at} />
            </span>
            {date.mark !== null && <span className="clock-mark">{markWords(date)}</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function markWords({ nominal, mark }: NextDate): string {
  const local = nominal.slice(11, 16);
  return mark === 'gap'
    ? `Clocks jump over ${local}: it runs as much later`
    : `Clocks show ${local} twice: it runs the first time`;
}
