import { useNavigate } from '@tanstack/react-router';

import { deleteDeployment, type DeploymentPageData } from '../../api/deployments.ts';
import { Dialog } from '../../components/dialog.tsx';
import { countOf } from '../../components/format.ts';
import { DialogActions, DialogProblem } from '../run-actions/dialog-parts.tsx';
import { goneWhenGone, useChange } from '../live/change.ts';

export function DeleteDialog({
  page: { deployment, schedules, waiting_count: waits },
  onClose,
}: {
  readonly page: DeploymentPageData;
  readonly onClose: () => void;
}) {
  const navigate = useNavigate();
  const change = useChange(
    'deployments',
    () => goneWhenGone(deleteDeployment(deployment.id)),
    () => void navigate({ to: '/deployments', replace: true }),
  );
  const parts = [
    ...(schedules.length > 0 ? [countOf(schedules.length, 'schedule')] : []),
    ...(waits > 0 ? [`${countOf(waits, 'run')} that ${waits === 1 ? 'waits' : 'wait'}`] : []),
  ];
  return (
    <Dialog title={`Delete ${deployment.name}?`} onClose={onClose}>
      <p>
        {parts.length > 0 && (
          <>
            With it {parts.length === 1 && schedules.length === 1 ? 'goes' : 'go'} {parts.join(' and ')}.{' '}
          </>
        )}
        Runs that have begun stay. This cannot be undone.
      </p>
      <DialogProblem error={change.error} />
      <DialogActions onClose={onClose} leave="Keep it">
        <button
          type="button"
          className="button primary danger"
          disabled={change.isPending}
          onClick={() => change.mutate()}
        >
          Delete the deployment
        </button>
      </DialogActions>
    </Dialog>
  );
}
