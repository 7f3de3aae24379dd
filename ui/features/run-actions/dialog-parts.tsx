import type { ReactNode } from 'react';

import { CopyButton } from '../../components/copy-button.tsx';
import { ErrorNote, Skeleton } from '../../components/notes.tsx';
import type { Seen, SeenRun } from './sight.ts';

import './run-actions.css';

export function DialogProblem({ error }: { readonly error: Error | string | null }) {
  if (error === null) return null;
  return (
    <p className="form-error" role="alert">
      {typeof error === 'string' ? error : error.message}
    </p>
  );
}

/** Said when the run has moved on under an open dialog. */
export function MovedOn({ run, seen }: { readonly run: SeenRun; readonly seen: Seen }) {
  if (!seen.hasMovedOn) return null;
  return (
    <p className="form-error" role="alert">
      It was {seen.name} when you opened this, and is {run.state_name ?? 'without a state'} now. Close this and look
      again.
    </p>
  );
}

interface DialogActionsProps {
  readonly onClose: () => void;
  readonly leave?: string;
  readonly children?: ReactNode;
}

export function DialogActions({ onClose, leave = 'Leave it', children }: DialogActionsProps) {
  return (
    <div className="dialog-actions">
      <button type="button" className="button" onClick={onClose}>
        {leave}
      </button>
      {children}
    </div>
  );
}

/** While it is not known yet what would become of the run, or cannot be known. */
export function Outlook<T>({
  query,
  children,
}: {
  readonly query: { readonly data: T | undefined; readonly error: Error | null; readonly refetch: () => unknown };
  readonly children: (outlook: T) => ReactNode;
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  return query.error === null ? (
    <Skeleton lines={2} label="Looking what would become of it" />
  ) : (
    <ErrorNote error={query.error} onRetry={() => void query.refetch()} />
  );
}

export function Command({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <div className="command">
      <code tabIndex={0}>{text}</code>
      <CopyButton text={text} label={label} />
    </div>
  );
}
