/**
 * What can be done to a run in the state that it is in. What it comes to is told by a dialog, whose code comes when it
 * is opened.
 */
import { useState } from 'react';

import type { FlowRun } from '../../api/flow-runs.ts';
import { isTerminal, type StateType } from '../../api/states.ts';
import { Icon, type IconName } from '../../components/icon.tsx';
import { lazyPage } from '../connection/lazy-page.tsx';

export type RunAction = 'resume' | 'retry' | 'cancel' | 'mark' | 'delete';

const BUTTONS: Readonly<Record<RunAction, readonly [label: string, icon: IconName]>> = {
  resume: ['Resume', 'play'],
  retry: ['Retry', 'retry'],
  cancel: ['Cancel', 'stop'],
  mark: ['Mark as…', 'tag'],
  delete: ['Delete', 'bin'],
};

const RunDialog = lazyPage(null, async () => (await import('../run-actions/run-dialog.tsx')).RunDialog);

export function actionsFor(type: StateType | null): readonly RunAction[] {
  if (type === null) return ['cancel', 'mark'];
  if (isTerminal(type)) return [...(type === 'COMPLETED' ? [] : ['retry' as const]), 'mark', 'delete'];
  return [...(type === 'PAUSED' ? ['resume' as const] : []), 'cancel', 'mark'];
}

export function RunActions({ run }: { readonly run: FlowRun }) {
  const [asked, setAsked] = useState<RunAction | null>(null);
  return (
    <div className="run-actions">
      {actionsFor(run.state_type).map((action) => {
        const [label, icon] = BUTTONS[action];
        return (
          <button key={action} type="button" className="button" aria-haspopup="dialog" onClick={() => setAsked(action)}>
            <Icon name={icon} size={14} /> {label}
          </button>
        );
      })}
      {asked !== null && <RunDialog action={asked} run={run} onClose={() => setAsked(null)} />}
    </div>
  );
}
