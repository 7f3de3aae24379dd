/** What became of an action. */
import type { ReactNode } from 'react';

import type { ActionReceipt } from '../../api/automations.ts';
import { countOf } from '../../components/format.ts';
import { TimeAgo } from '../../components/times.tsx';
import { sentence } from './sentence.ts';

const STATUS = { done: 'Done', refused: 'Refused', failed: 'Failed', waiting: 'Waiting' } as const satisfies Record<
  ActionReceipt['status'],
  string
>;

interface ReceiptProps {
  readonly receipt: ActionReceipt;
  /** What the action does. */
  readonly words?: string | undefined;
  /** In the place of the words. */
  readonly children?: ReactNode;
}

export function Receipt({ receipt, words, children }: ReceiptProps) {
  const { status, text, attempts, due } = receipt;
  return (
    <li className="receipt" data-status={status}>
      <span className="receipt-status">{STATUS[status]}</span>
      <span className="receipt-says">
        <span dir="auto">{children ?? sentence(words ?? receipt.action_type)}</span>
        {text !== '' && (
          <span className="muted" dir="auto">
            {text}
          </span>
        )}
        {status === 'waiting' && due !== null && attempts > 0 && (
          <span className="muted">
            Tried {countOf(attempts, 'time')}, again <TimeAgo at={due} />
          </span>
        )}
        {status !== 'waiting' && attempts > 1 && <span className="muted">{countOf(attempts, 'attempt')}</span>}
      </span>
    </li>
  );
}
