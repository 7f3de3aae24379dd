/** What became of the times at which a deployment was to run, the last first: with why, and the run. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { SLOTS_SHOWN, slotsQuery, type SlotOfSchedule } from '../../api/deployment-versions.ts';
import type { ScheduleAhead } from '../../api/deployments.ts';
import { EmptyNote, ErrorNote, Skeleton } from '../../components/notes.tsx';
import { DateTime, TimeAgo } from '../../components/times.tsx';
import { useSearchValues } from '../places/search-state.ts';
import type { DeploymentPageSearch } from './deployment-search.ts';

import './versions.css';

interface SlotListProps {
  readonly id: string;
  readonly schedules: readonly ScheduleAhead[];
}

export function SlotList({ id, schedules }: SlotListProps) {
  const [{ before = null }, change] = useSearchValues<DeploymentPageSearch>(['before']);
  const { data: slots, error, refetch } = useQuery(slotsQuery(id, before));
  if (error !== null) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (slots === undefined) return <Skeleton lines={6} label="Loading what became of its times" />;
  const oldest = slots.length < SLOTS_SHOWN ? undefined : slots.at(-1)?.due;
  return (
    <>
      {slots.length === 0 ? (
        <EmptyNote icon="clock" title={before === null ? 'Nothing was due yet' : 'Nothing older'}>
          <p className="muted">Each time of a schedule appears here, with what became of it.</p>
        </EmptyNote>
      ) : (
        <ol className="card slots" aria-label="Times of its schedules, the last first">
          {slots.map((slot) => (
            <Slot
              key={`${slot.schedule_id}${slot.nominal}${slot.fold}${slot.timezone}`}
              slot={slot}
              words={schedules.find(({ id: own }) => own === slot.schedule_id)?.words ?? 'a schedule that is gone'}
            />
          ))}
        </ol>
      )}
      <div className="run-actions">
        {before !== null && (
          <button type="button" className="button" onClick={() => change({ before: undefined })}>
            From the last on
          </button>
        )}
        {oldest !== undefined && (
          <button type="button" className="button" onClick={() => change({ before: oldest })}>
            Older
          </button>
        )}
      </div>
    </>
  );
}

const OUTCOMES: Readonly<Record<NonNullable<SlotOfSchedule['outcome']>, string>> = {
  run: 'Ran',
  skipped: 'Skipped',
  collapsed: 'Collapsed',
  expired: 'Expired',
  held: 'Held',
  cancelled: 'Cancelled',
};

/** `2026-03-08T02:30:00`: what an interval has below a second is no help. */
const SECONDS_END = 19;

function Slot({ slot, words }: { readonly slot: SlotOfSchedule; readonly words: string }) {
  const { nominal, fold, timezone, due, through, outcome, reason, flow_run_id: run, flow_run_name: name } = slot;
  return (
    <li className="slot">
      <div className="slot-time">
        <strong>
          {nominal.slice(0, SECONDS_END).replace('T', ' ')}
          {fold === 1 && ', the second time'}
        </strong>
        <span className="muted">
          {timezone} · <TimeAgo at={due} />
        </span>
        {through !== null && (
          <span className="muted">
            and all until <DateTime at={through} />
          </span>
        )}
      </div>
      <div className="slot-outcome">
        <span className="slot-word" data-outcome={outcome ?? 'open'}>
          {outcome === null ? 'Not known yet' : OUTCOMES[outcome]}
        </span>
        <span className="muted">{reason}</span>
      </div>
      <div className="slot-run">
        {run !== null && name !== null && (
          <Link to="/runs/flow-run/$id" params={{ id: run }} title={name}>
            <bdi>{name}</bdi>
          </Link>
        )}
        <span className="muted">{[slot.state_name, words].filter(Boolean).join(' · ')}</span>
      </div>
    </li>
  );
}
