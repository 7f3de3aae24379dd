import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { cancelFlowRun, resumeFlowRun, type FlowRun, type Verdict } from '../../api/flow-runs.ts';
import { isTerminal, type StateType } from '../../api/states.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Icon } from '../../components/icon.tsx';
import { badgeOf, StateBadge } from '../states/state-badge.tsx';

interface Action {
  readonly label: string;
  readonly icon: 'stop' | 'play';
  readonly becomes: StateType;
  readonly says: string;
  readonly act: (id: string) => Promise<Verdict>;
}

const CANCEL: Action = {
  label: 'Cancel', icon: 'stop', becomes: 'CANCELLING', act: cancelFlowRun,
  says: 'Its process is told to stop. Steps that have ended keep their results.',
};
const RESUME: Action = { label: 'Resume', icon: 'play', becomes: 'SCHEDULED', act: resumeFlowRun, says: 'It goes on from where it was paused.' };

export function RunActions({ run }: { readonly run: FlowRun }) {
  const [asked, setAsked] = useState<Action | null>(null);
  const { state_type: type } = run;
  const offered = [...(type === 'PAUSED' ? [RESUME] : []), ...(isTerminal(type) || type === 'CANCELLING' ? [] : [CANCEL])];
  return (
    <div className="run-actions">
      {offered.map((action) => (
        <button key={action.label} type="button" className="button" onClick={() => setAsked(action)}><Icon name={action.icon} size={14} /> {action.label}</button>
      ))}
      {asked !== null && <ConfirmDialog action={asked} run={run} onClose={() => setAsked(null)} />}
    </div>
  );
}

function ConfirmDialog({ action, run, onClose }: { readonly action: Action; readonly run: FlowRun; readonly onClose: () => void }) {
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: async () => {
      const { status, details } = await action.act(run.id);
      // The server may well say no: the run ended meanwhile, for instance.
      if (status === 'REJECT' || status === 'ABORT') throw new Error(details.reason ?? 'The server refused.');
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['flow-runs'] });
      onClose();
    },
  });
  return (
    <Dialog title={`${action.label} ${run.name}?`} onClose={onClose}>
      <p className="becomes">{badgeOf(run)} <Icon name="chevron" /> <StateBadge type={action.becomes} name={null} /></p>
      <p>{action.says}</p>
      {act.error !== null && <p className="form-error" role="alert">{act.error.message}</p>}
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onClose}>Leave it</button>
        <button type="button" className="button primary" disabled={act.isPending} onClick={() => act.mutate()}>{action.label} the run</button>
      </div>
    </Dialog>
  );
}
