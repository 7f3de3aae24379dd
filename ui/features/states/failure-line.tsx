/** In a list, why something failed: the first line of what its state says. */
import type { State, StateType } from '../../api/states.ts';
import { firstLine } from './first-line.ts';

interface FailureLineProps {
  readonly type: StateType | null;
  readonly message: State['message'] | undefined;
}

/** Nothing for what went well, and for a failure that says nothing. */
export function FailureLine({ type, message }: FailureLineProps) {
  if (type !== 'FAILED' && type !== 'CRASHED') return null;
  const line = firstLine(message ?? '');
  return line === '' ? null : (
    <span className="failure-line" title={line}>
      {line}
    </span>
  );
}
