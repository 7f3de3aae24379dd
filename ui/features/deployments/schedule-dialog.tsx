/** A schedule as it is written: a cron, an interval or a rule, in a time zone. The server says what is wrong. */
import { useId, useState, type FormEvent } from 'react';

import { writeSchedule, type Deployment, type WrittenSchedule } from '../../api/deployments.ts';
import { printJson } from '../../api/lossless-json.ts';
import { Dialog } from '../../components/dialog.tsx';
import { TextField } from '../forms/text-field.tsx';
import { useChange } from '../live/change.ts';
import { DialogActions, DialogProblem } from '../run-actions/dialog-parts.tsx';

type Kind = 'cron' | 'interval' | 'rrule';
type Written = Deployment['schedules'][number]['schedule'];

const KINDS: Readonly<Record<Kind, readonly [name: string, label: string, hint: string]>> = {
  cron: ['Cron', 'Cron', 'minute, hour, day, month, weekday: 0 9 * * 1-5'],
  interval: ['Interval', 'Seconds', 'between two runs: 3600'],
  rrule: ['Rule', 'Rule', 'of RFC 5545: FREQ=DAILY;BYHOUR=9'],
};

interface ScheduleDialogProps {
  readonly deploymentId: string;
  /** `null`: a further one is made. */
  readonly schedule: { readonly id: string; readonly written: Written } | null;
  readonly onClose: () => void;
}

export function ScheduleDialog({ deploymentId, schedule, onClose }: ScheduleDialogProps) {
  const first = readWritten(schedule?.written ?? null);
  const [kind, setKind] = useState<Kind>(first.kind);
  const [texts, setTexts] = useState<Readonly<Record<Kind, string>>>({
    cron: '',
    interval: '',
    rrule: '',
    [first.kind]: first.text,
  });
  const [timezone, setTimezone] = useState(first.timezone);
  const [hasTried, setTried] = useState(false);
  const id = useId();
  const change = useChange(
    'deployments',
    (written: WrittenSchedule) => writeSchedule(deploymentId, schedule?.id ?? null, written),
    onClose,
  );
  const text = texts[kind].trim();
  const problem =
    text === '' ? 'This is required.' : kind === 'interval' && !(Number(text) > 0) ? 'Seconds, more than 0.' : null;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (change.isPending || problem !== null) return;
    const zone = timezone.trim() === '' ? 'UTC' : timezone.trim();
    if (kind === 'cron') change.mutate({ cron: text, timezone: zone, ...first.days });
    else if (kind === 'rrule') change.mutate({ rrule: text, timezone: zone });
    else change.mutate({ interval: Number(text), timezone: zone, ...first.anchor });
  };
  const [, label, hint] = KINDS[kind];
  return (
    <Dialog title={schedule === null ? 'Add a schedule' : 'Edit the schedule'} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <div className="form-field">
          <label htmlFor={id}>Kind</label>
          <select id={id} className="select" value={kind} onChange={(event) => setKind(event.target.value as Kind)}>
            {(Object.keys(KINDS) as Kind[]).map((one) => (
              <option key={one} value={one}>
                {KINDS[one][0]}
              </option>
            ))}
          </select>
        </div>
        <TextField
          key={kind}
          label={label}
          hint={hint}
          value={texts[kind]}
          problem={hasTried ? problem : null}
          onValue={(next) => setTexts({ ...texts, [kind]: next })}
        />
        <TextField label="Time zone" hint="such as Europe/Berlin" value={timezone} onValue={setTimezone} />
        {schedule !== null && (
          <p className="muted">Runs that it made ahead are taken back; times before now never run again.</p>
        )}
        <DialogProblem error={change.error} />
        <DialogActions onClose={onClose}>
          <button type="submit" className="button primary" disabled={change.isPending}>
            Save
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

interface Read {
  readonly kind: Kind;
  readonly text: string;
  readonly timezone: string;
  /** An interval goes on from where it began. */
  readonly anchor: { readonly anchor_date?: string };
  /** Not shown, and kept: whether day and weekday of a cron must both hold. */
  readonly days: { readonly day_or?: boolean };
}

const EMPTY = { anchor: {}, days: {} } as const;

/** @param written `null`: nothing yet, in the reader's own zone */
function readWritten(written: Written | null): Read {
  if (written === null)
    return { ...EMPTY, kind: 'cron', text: '', timezone: Intl.DateTimeFormat().resolvedOptions().timeZone };
  const timezone = written.timezone ?? 'UTC';
  if ('cron' in written)
    return { ...EMPTY, kind: 'cron', text: written.cron, timezone, days: { day_or: written.day_or } };
  if ('rrule' in written) return { ...EMPTY, kind: 'rrule', text: written.rrule, timezone };
  return {
    ...EMPTY,
    kind: 'interval',
    text: printJson(written.interval),
    timezone,
    anchor: { anchor_date: written.anchor_date },
  };
}
