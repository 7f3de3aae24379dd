/** A backfill as it is asked for. What would run is shown before anything is made; the server says what is wrong. */
import { useMutation } from '@tanstack/react-query';
import { useId, useState, type FormEvent } from 'react';

import { previewBackfill, startBackfill, type BackfillForm } from '../../api/backfills.ts';
import type { ScheduleAhead } from '../../api/deployments.ts';
import { countOf } from '../../components/format.ts';
import { Dialog } from '../../components/dialog.tsx';
import { isWhole, TextField } from '../forms/text-field.tsx';
import { useChange } from '../live/change.ts';
import { DialogActions, DialogProblem } from '../run-actions/dialog-parts.tsx';

const ORDERS = { oldest: 'The oldest slots first', newest: 'The newest slots first' } as const;
const RERUNS = {
  missing: 'Only slots that have had no run',
  failed: 'Those whose run did not complete, too',
  all: 'All slots',
} as const;
const CONCURRENCY_MAX = 1000;

interface BackfillDialogProps {
  readonly deploymentId: string;
  readonly schedules: readonly ScheduleAhead[];
  readonly onClose: () => void;
}

export function BackfillDialog({ deploymentId, schedules, onClose }: BackfillDialogProps) {
  const [id] = useState(() => crypto.randomUUID());
  const [form, setForm] = useState<BackfillForm>({
    from: '',
    to: '',
    scheduleId: schedules[0]?.id ?? null,
    order: 'oldest',
    rerun: 'missing',
    concurrency: 1,
  });
  const [count, setCount] = useState('1');
  const preview = useMutation({ mutationFn: (asked: BackfillForm) => previewBackfill(deploymentId, asked) });
  const start = useChange('deployments', (asked: BackfillForm) => startBackfill(deploymentId, id, asked), onClose);
  const isCountRight = isWhole(count, 1) && Number(count) <= CONCURRENCY_MAX;
  const change = (more: Partial<BackfillForm>): void => {
    setForm({ ...form, ...more });
    preview.reset();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (start.isPending || preview.isPending || !isCountRight) return;
    const asked = { ...form, concurrency: Number(count) };
    if (preview.data === undefined) preview.mutate(asked);
    else start.mutate(asked);
  };
  return (
    <Dialog title="Begin a backfill" onClose={onClose}>
      <form onSubmit={submit}>
        <TextField
          label="From"
          hint="as the schedule's clocks show it: 2026-03-01, 2026-03-01T09:00"
          value={form.from}
          onValue={(from) => change({ from })}
        />
        <TextField label="To" hint="not included; empty: now" value={form.to} onValue={(to) => change({ to })} />
        {schedules.length > 1 && (
          <Choice
            label="Schedule"
            value={form.scheduleId ?? ''}
            words={Object.fromEntries(schedules.map((schedule) => [schedule.id, schedule.words]))}
            onValue={(scheduleId) => change({ scheduleId })}
          />
        )}
        <Choice label="Which" value={form.rerun} words={RERUNS} onValue={(rerun) => change({ rerun })} />
        <Choice label="Order" value={form.order} words={ORDERS} onValue={(order) => change({ order })} />
        <TextField
          label="Runs at once"
          isNumber
          value={count}
          problem={isCountRight ? null : 'A whole number from 1 to 1000.'}
          onValue={setCount}
        />
        {preview.data !== undefined && (
          <section role="status">
            <p>
              <strong>{countOf(preview.data.total - preview.data.left_out, 'slot')} would run</strong>,{' '}
              {preview.data.left_out} would be left out.
            </p>
            <ol className="schedule-dates">
              {preview.data.slots.map((slot) => (
                <li key={slot.start}>
                  {slot.nominal.replace('T', ' ')}{' '}
                  {slot.reason !== null && <span className="muted">{slot.reason}</span>}
                </li>
              ))}
              {preview.data.total > preview.data.slots.length && <li className="muted">…</li>}
            </ol>
          </section>
        )}
        <DialogProblem error={preview.error ?? start.error} />
        <DialogActions onClose={onClose}>
          <button type="submit" className="button primary" disabled={preview.isPending || start.isPending}>
            {preview.data === undefined ? 'Show what would run' : 'Begin it'}
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly words: Readonly<Record<Value, string>>;
  readonly onValue: (value: Value) => void;
}

function Choice<Value extends string>({ label, value, words, onValue }: ChoiceProps<Value>) {
  const id = useId();
  return (
    <div className="form-field">
      <label htmlFor={id}>{label}</label>
      <select id={id} className="select" value={value} onChange={(event) => onValue(event.target.value as Value)}>
        {(Object.keys(words) as Value[]).map((one) => (
          <option key={one} value={one}>
            {words[one]}
          </option>
        ))}
      </select>
    </div>
  );
}
