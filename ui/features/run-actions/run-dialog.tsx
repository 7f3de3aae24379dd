/** The dialogs behind the buttons of a run. */
import type { FlowRun } from '../../api/flow-runs.ts';
import type { RunAction } from '../flow-runs/run-actions.tsx';
import { CancelDialog } from './cancel-dialog.tsx';
import { DeleteDialog } from './delete-dialog.tsx';
import { MarkDialog } from './mark-dialog.tsx';
import { ResumeDialog } from './resume-dialog.tsx';
import { RetryDialog } from './retry-dialog.tsx';

export interface RunDialogProps {
  readonly run: FlowRun;
  readonly onClose: () => void;
}

export function RunDialog({ action, ...props }: RunDialogProps & { readonly action: RunAction }) {
  switch (action) {
    case 'resume':
      return <ResumeDialog {...props} />;
    case 'retry':
      return <RetryDialog {...props} />;
    case 'cancel':
      return <CancelDialog {...props} />;
    case 'mark':
      return <MarkDialog kind="flow-run" {...props} />;
    case 'delete':
      return <DeleteDialog {...props} />;
  }
}
