import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { cancelFlowRun, cancelOutlookQuery } from '../../api/run-actions.ts';
import { isTerminal } from '../../api/states.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Icon } from '../../components/icon.tsx';
import { badgeOf, StateBadge } from '../states/state-badge.tsx';
import { DialogActions, DialogProblem, Outlook } from './dialog-parts.tsx';
import type { RunDialogProps } from './run-dialog.tsx';
import { useRunChange } from './seen-state.ts';

export function CancelDialog({ run, onClose }: RunDialogProps) {
  const outlook = useQuery(cancelOutlookQuery(run.id, run.state?.id ?? null));
  const [isForced, setForced] = useState(false);
  const isOver = isTerminal(run.state_type);
  const change = useRunChange((force: boolean) => cancelFlowRun(run.id, force), onClose);
  return (
    <Dialog title={`Cancel ${run.name}?`} onClose={onClose}>
      {isOver ? (
        <p>It is over: {run.state_name}. There is nothing to cancel any more.</p>
      ) : (
        <Outlook query={outlook}>
          {({ asks, becomes, force }) => {
            const isForce = asks === null || isForced;
            return (
              <>
                <p className="becomes">
                  {badgeOf(run)} <Icon name="chevron" />{' '}
                  <StateBadge type={isForce ? 'CANCELLED' : becomes} name={null} />
                </p>
                <p>
                  {isForce
                    ? (asks === null ? 'It was asked to stop already, and nobody has confirmed it. ' : '') +
                      (force ?? '')
                    : asks}
                </p>
                {force !== null && asks !== null && (
                  <label className="check">
                    <input type="checkbox" checked={isForced} onChange={(event) => setForced(event.target.checked)} />{' '}
                    By force: do not wait until it has stopped
                  </label>
                )}
                <DialogProblem error={change.error} />
                <DialogActions onClose={onClose}>
                  <button
                    type="button"
                    className="button primary"
                    disabled={change.isPending}
                    onClick={() => change.mutate(isForce)}
                  >
                    {isForce ? 'Cancel by force' : 'Cancel the run'}
                  </button>
                </DialogActions>
              </>
            );
          }}
        </Outlook>
      )}
      {isOver && <DialogActions onClose={onClose} leave="Close" />}
    </Dialog>
  );
}
