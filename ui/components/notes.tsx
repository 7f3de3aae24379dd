/** What stands where content would: nothing yet, nothing found, an error, a wait. */
import type { ReactNode } from 'react';

import { Icon, type IconName } from './icon.tsx';

interface EmptyNoteProps {
  readonly icon?: IconName;
  readonly title: string;
  /** `h1` where there is nothing else on the page. */
  readonly heading?: 'h1' | 'h2';
  readonly children?: ReactNode;
}

export function EmptyNote({ icon = 'box', title, heading: Heading = 'h2', children }: EmptyNoteProps) {
  return (
    <div className="note">
      <span className="note-icon">
        <Icon name={icon} size={24} />
      </span>
      <Heading>{title}</Heading>
      {children}
    </div>
  );
}

/** @param error one with a `status` of 404 is told as what it is: nothing went wrong, there is nothing */
export function ErrorNote({
  error,
  heading: Heading = 'h2',
  onRetry,
}: {
  readonly error: Error;
  readonly heading?: 'h1' | 'h2';
  readonly onRetry?: () => void;
}) {
  if ('status' in error && error.status === 404)
    return (
      <EmptyNote icon="search" heading={Heading} title="There is nothing here">
        <p className="muted">{error.message}</p>
      </EmptyNote>
    );
  return (
    <div className="note note-error" role="alert">
      <span className="note-icon">
        <Icon name="bolt" size={24} />
      </span>
      <Heading>This could not be loaded</Heading>
      <p>{error.message}</p>
      {onRetry !== undefined && (
        <button type="button" className="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Grey lines in the place of text, for the first load only. */
export function Skeleton({ lines = 3, label = 'Loading' }: { readonly lines?: number; readonly label?: string }) {
  return (
    <div className="skeleton" role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} style={{ width: `${92 - ((line * 37) % 45)}%` }} />
      ))}
    </div>
  );
}
