import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useState } from 'react';

import { retryFlowRun, retryOutlookQuery, type RetryOutlook, type RetryPlan } from '../../api/run-actions.ts';
import { isTerminal } from '../../api/states.ts';
import { Dialog } from '../../components/dialog.tsx';
import { countOf } from '../../components/format.ts';
import { shellCommand } from './command-text.ts';
import { Command, DialogActions, DialogProblem, MovedOn, Outlook } from './dialog-parts.tsx';
import type { RunDialogProps } from './run-dialog.tsx';
import { useRunChange, useSeen } from './seen-state.ts';

export function RetryDialog({ run, onClose }: RunDialogProps) {
  const outlook = useQuery(retryOutlookQuery(run.id));
  const close = useEffectEvent(onClose);
  const [attempts] = useState(run.run_count);
  // In a terminal, by a worker, in another tab; a short one may be over before this page hears that it is under way.
  const hasBegun = !isTerminal(run.state_type) || run.run_count > attempts;
  useEffect(() => {
    if (hasBegun) close();
  }, [hasBegun]);
  return (
    <Dialog title={`Retry ${run.name}?`} onClose={onClose}>
      <Outlook query={outlook}>
        {(it) => (
          <>
            {it.plan !== null && <Plan plan={it.plan} />}
            {it.way === 'never' && <Never outlook={it} onClose={onClose} />}
            {it.way === 'process' && <ByProcess command={(it.command ?? []).join(' ')} onClose={onClose} />}
            {it.way === 'worker' && <ByWorker run={run} onClose={onClose} />}
          </>
        )}
      </Outlook>
    </Dialog>
  );
}

const WORDS = { run_again: 'runs again', reuse: 'is kept', orphaned: 'is not called any more' } as const;

function Plan({ plan: { counts, lines, lines_left_out: leftOut } }: { readonly plan: RetryPlan }) {
  const total = counts.reuse + counts.run_again + counts.orphaned;
  if (total === 0) return <p>No step was recorded: the flow starts from its beginning.</p>;
  return (
    <>
      <p>
        Of {countOf(total, 'step')}, <strong>{counts.run_again}</strong> {counts.run_again === 1 ? 'runs' : 'run'} again
        and <strong>{counts.reuse}</strong> {counts.reuse === 1 ? 'is' : 'are'} kept.
      </p>
      <div className="table-frame plan" tabIndex={0} role="region" aria-label="The plan">
        <table>
          <thead>
            <tr>
              <th scope="col">Step</th>
              <th scope="col">What becomes of it</th>
              <th scope="col">Because</th>
            </tr>
          </thead>
          <tbody>
            {lines.map(({ task_run_id: id, name, runs, action, reason }) => (
              <tr key={id} data-action={action}>
                <th scope="row">{runs === 1 ? name : `${name} × ${runs}`}</th>
                <td>{WORDS[action]}</td>
                <td>{reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {leftOut > 0 && <p className="muted">And {countOf(leftOut, 'line')} more.</p>}
      <p className="muted">
        This is what the record says. Steps whose code was changed since run again, too, and so do those whose input
        comes out differently.
      </p>
    </>
  );
}

function Never({
  outlook: { reason, root },
  onClose,
}: {
  readonly outlook: RetryOutlook;
  readonly onClose: () => void;
}) {
  return (
    <>
      <p>{reason}</p>
      {root !== null && (
        <p>
          <Link to="/runs/flow-run/$id" params={{ id: root.id }} onClick={onClose}>
            To {root.name}
          </Link>
        </p>
      )}
      <DialogActions onClose={onClose} leave="Close" />
    </>
  );
}

/** Nobody waits for it: a person starts the process. */
function ByProcess({ command, onClose }: { readonly command: string; readonly onClose: () => void }) {
  const text = shellCommand(command);
  return (
    <>
      <p>
        Its flow runs where you start it: paste this into a terminal in the folder of the flow. This page follows by
        itself.
      </p>
      <Command text={text} label="Copy the command" />
      <p className="muted">
        With <code>--plan</code> behind it, it runs nothing and looks at the code as it is now.
      </p>
      <DialogActions onClose={onClose} leave="Close" />
    </>
  );
}

function ByWorker({ run, onClose }: RunDialogProps) {
  const seen = useSeen(run);
  const change = useRunChange(() => retryFlowRun(run.id, seen.stateId), onClose);
  return (
    <>
      <p>
        It is scheduled for now, and waits until a worker of its deployment takes it. Its client decides which results
        it uses again.
      </p>
      <MovedOn run={run} seen={seen} />
      <DialogProblem error={change.error} />
      <DialogActions onClose={onClose}>
        <button
          type="button"
          className="button primary"
          disabled={change.isPending || !seen.canAct}
          onClick={() => change.mutate()}
        >
          Retry the run
        </button>
      </DialogActions>
    </>
  );
}
