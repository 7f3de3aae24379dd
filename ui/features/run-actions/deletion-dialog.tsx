import type { ReactNode } from 'react';

import { Dialog } from '../../components/dialog.tsx';
import { DialogActions, DialogProblem } from './dialog-parts.tsx';

interface DeletionDialogProps {
  readonly title: string;
  /** Ends "Delete the …". */
  readonly what: string;
  /** Deletes it. */
  readonly change: { readonly error: Error | null; readonly isPending: boolean; readonly mutate: () => void };
  readonly onClose: () => void;
  /** What goes with it, and what stays; that it cannot be undone is said here. */
  readonly children: ReactNode;
}

/** Asks before something is deleted for good. */
export function DeletionDialog({ title, what, change, onClose, children }: DeletionDialogProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{children} This cannot be undone.</p>
      <DialogProblem error={change.error} />
      <DialogActions onClose={onClose} leave="Keep it">
        <button
          type="button"
          className="button primary danger"
          disabled={change.isPending}
          onClick={() => change.mutate()}
        >
          Delete the {what}
        </button>
      </DialogActions>
    </Dialog>
  );
}
