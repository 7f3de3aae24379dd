/** What can be done to a task run: to say what became of it. */
import { useState } from 'react';

import type { TaskRun } from '../../api/task-runs.ts';
import { Icon } from '../../components/icon.tsx';
import { lazyPage } from '../connection/lazy-page.tsx';

const MarkDialog = lazyPage(null, async () => (await import('../run-actions/mark-dialog.tsx')).MarkDialog);

/** One that completed is left alone: there is a result that others have used. */
export function TaskRunActions({ run }: { readonly run: TaskRun }) {
  const [isAsked, setAsked] = useState(false);
  if (run.state_type === 'COMPLETED') return null;
  return (
    <>
      <button type="button" className="button" aria-haspopup="dialog" onClick={() => setAsked(true)}>
        <Icon name="tag" size={14} /> Mark as…
      </button>
      {isAsked && <MarkDialog kind="task-run" run={run} onClose={() => setAsked(false)} />}
    </>
  );
}
