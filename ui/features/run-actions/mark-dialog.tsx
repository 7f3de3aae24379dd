import { useState, type FormEvent } from 'react';

import { markRun, type MarkType } from '../../api/run-actions.ts';
import { isTerminal } from '../../api/states.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Icon } from '../../components/icon.tsx';
import { badgeOf, StateBadge } from '../states/state-badge.tsx';
import { stateLabel } from '../states/state-look.ts';
import { DialogActions, DialogProblem, MovedOn } from './dialog-parts.tsx';
import { useRunChange, useSeen } from './seen-state.ts';
import type { SeenRun } from './sight.ts';

const TYPES: readonly MarkType[] = ['COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED'];
const MESSAGE_CHARACTERS_MAX = 4000;

interface MarkDialogProps {
  readonly kind: 'flow-run' | 'task-run';
  readonly run: SeenRun & { readonly process_id?: string | null | undefined };
  readonly onClose: () => void;
}

export function MarkDialog({ kind, run, onClose }: MarkDialogProps) {
  const [type, setType] = useState<MarkType>(
    run.state_type === 'FAILED' || run.state_type === 'CRASHED' ? 'COMPLETED' : 'FAILED',
  );
  const [message, setMessage] = useState('');
  const [isForced, setForced] = useState(false);
  const seen = useSeen(run);
  const change = useRunChange(
    () => markRun(kind, run.id, { seen: seen.stateId, type, message: message.trim(), force: isForced }),
    onClose,
  );
  const isHeld =
    !isTerminal(run.state_type) && (kind === 'task-run' || (run.process_id !== null && run.process_id !== undefined));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!change.isPending && seen.canAct) change.mutate();
  };
  return (
    <Dialog title={`Mark ${run.name} as…`} onClose={onClose}>
      <form onSubmit={submit}>
        <p>
          You say what became of it, when nobody else will. It stops nothing
          {isTerminal(run.state_type) ? ', and takes the place of how it ended' : ''}.
        </p>
        <fieldset className="mark-types">
          <legend className="visually-hidden">What it is from now on</legend>
          {TYPES.map((one) => (
            <label key={one} className="check">
              <input type="radio" name="type" checked={one === type} onChange={() => setType(one)} />{' '}
              <StateBadge type={one} name={null} />
            </label>
          ))}
        </fieldset>
        <p className="becomes">
          {badgeOf(run)} <Icon name="chevron" /> <StateBadge type={type} name={null} />
        </p>
        <label className="field">
          Why, for whoever looks at it
          <input
            type="text"
            value={message}
            maxLength={MESSAGE_CHARACTERS_MAX}
            placeholder="Marked by hand."
            onChange={(event) => setMessage(event.target.value)}
          />
        </label>
        {isHeld && (
          <label className="check">
            <input type="checkbox" checked={isForced} onChange={(event) => setForced(event.target.checked)} />
            {kind === 'task-run'
              ? ' Also while a process runs its flow, which may say another thing later'
              : ' Also though its process has it: what the process still says is then refused'}
          </label>
        )}
        <MovedOn run={run} seen={seen} />
        <DialogProblem error={change.error} />
        <DialogActions onClose={onClose}>
          <button type="submit" className="button primary" disabled={change.isPending || !seen.canAct}>
            Mark as {stateLabel(type, null)}
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
