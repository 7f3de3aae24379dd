import { useNavigate } from '@tanstack/react-router';

import { deleteDeployment, type DeploymentPageData } from '../../api/deployments.ts';
import { countOf } from '../../components/format.ts';
import { goneWhenGone, useChange } from '../live/change.ts';
import { DeletionDialog } from '../run-actions/deletion-dialog.tsx';

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
    <DeletionDialog title={`Delete ${deployment.name}?`} what="deployment" change={change} onClose={onClose}>
      {parts.length > 0 && (
        <>
          With it {parts.length === 1 && schedules.length === 1 ? 'goes' : 'go'} {parts.join(' and ')}.{' '}
        </>
      )}
      Runs that have begun stay.
    </DeletionDialog>
  );
}
