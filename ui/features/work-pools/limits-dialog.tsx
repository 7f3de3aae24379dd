/** What is said of a pool or a queue: a description, how much runs at once, and which queue comes first. */
import { useState, type FormEvent } from 'react';

import type { QueueChange } from '../../api/work-pools.ts';
import { Dialog } from '../../components/dialog.tsx';
import { isWhole, TextField } from '../forms/text-field.tsx';
import { useChange } from '../live/change.ts';
import { DialogActions, DialogProblem } from '../run-actions/dialog-parts.tsx';

interface LimitsDialogProps {
  readonly title: string;
  readonly first: {
    readonly description: string | null;
    readonly concurrency_limit: number | null;
    /** Of queues alone. */
    readonly priority?: number;
  };
  readonly onSave: (change: QueueChange) => Promise<void>;
  readonly onClose: () => void;
}

export function LimitsDialog({ title, first, onSave, onClose }: LimitsDialogProps) {
  const [description, setDescription] = useState(first.description ?? '');
  const [limit, setLimit] = useState(first.concurrency_limit === null ? '' : String(first.concurrency_limit));
  const [priority, setPriority] = useState(String(first.priority ?? ''));
  const [hasTried, setTried] = useState(false);
  const change = useChange('work-pools', onSave, onClose);
  const limitProblem = limit.trim() === '' || isWhole(limit, 0) ? null : 'A whole number from 0, or nothing.';
  const priorityProblem = first.priority === undefined || isWhole(priority, 1) ? null : 'A whole number from 1.';
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (change.isPending || limitProblem !== null || priorityProblem !== null) return;
    change.mutate({
      description: description === '' ? null : description,
      concurrency_limit: limit.trim() === '' ? null : Number(limit),
      ...(first.priority === undefined ? {} : { priority: Number(priority) }),
    });
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <TextField label="Description" hint="optional" value={description} onValue={setDescription} />
        <TextField
          label="Runs at once"
          hint="any number, if left empty"
          isNumber
          value={limit}
          problem={hasTried ? limitProblem : null}
          onValue={setLimit}
        />
        {first.priority !== undefined && (
          <TextField
            label="Priority"
            hint="1 comes first"
            isNumber
            value={priority}
            problem={hasTried ? priorityProblem : null}
            onValue={setPriority}
          />
        )}
        <DialogProblem error={change.error} />
        <DialogActions onClose={onClose} leave="Leave it">
          <button type="submit" className="button primary" disabled={change.isPending}>
            Save
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
