import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';

import { deleteFlowRun, deletionOutlookQuery, type DeletionOutlook } from '../../api/run-actions.ts';
import { Dialog } from '../../components/dialog.tsx';
import { countOf } from '../../components/format.ts';
import { goneWhenGone } from '../live/change.ts';
import { DialogActions, DialogProblem, MovedOn, Outlook } from './dialog-parts.tsx';
import type { RunDialogProps } from './run-dialog.tsx';
import { useRunChange, useSeen } from './seen-state.ts';

export function DeleteDialog({ run, onClose }: RunDialogProps) {
  const outlook = useQuery(deletionOutlookQuery(run.id));
  const seen = useSeen(run);
  const client = useQueryClient();
  const navigate = useNavigate();
  const change = useRunChange(
    () => goneWhenGone(deleteFlowRun(run.id, seen.stateId)),
    () => {
      onClose();
      // Its page has nothing to show any more, and must not ask.
      void navigate({ to: '/runs' }).then(() => client.removeQueries({ queryKey: ['flow-runs', 'one', run.id] }));
    },
  );
  return (
    <Dialog title={`Delete ${run.name}?`} onClose={onClose}>
      <Outlook query={outlook}>{(it) => <p>{whatGoes(it)} This cannot be undone.</p>}</Outlook>
      <MovedOn run={run} seen={seen} />
      <DialogProblem error={change.error} />
      <DialogActions onClose={onClose} leave="Keep it">
        <button
          type="button"
          className="button primary danger"
          disabled={change.isPending || !seen.canAct || outlook.data === undefined}
          onClick={() => change.mutate()}
        >
          Delete the run
        </button>
      </DialogActions>
    </Dialog>
  );
}

export function whatGoes({
  task_runs: tasks,
  subflow_runs: subflows,
  logs,
  artifacts,
  is_more: isMore,
}: DeletionOutlook): string {
  const parts = [
    tasks > 0 ? countOf(tasks, 'task run') : '',
    logs > 0 ? countOf(logs, 'line', 'lines') + ' of logs' : '',
    artifacts > 0 ? countOf(artifacts, 'artifact') : '',
    subflows > 0
      ? `${isMore ? 'more than ' : ''}${countOf(subflows, 'subflow run')} with all that belongs to ${subflows === 1 ? 'it' : 'them'}`
      : '',
  ].filter((part) => part !== '');
  if (parts.length === 0) return 'Nothing else goes with it: it has no task runs, logs or artifacts.';
  const last = parts.length > 1 ? ` and ${parts.at(-1)}` : '';
  return `With it go ${parts.slice(0, parts.length > 1 ? -1 : 1).join(', ')}${last}.`;
}
