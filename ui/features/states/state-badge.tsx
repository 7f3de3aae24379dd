import { isTerminal, type State, type StateType } from '../../api/states.ts';
import { lookOf, stateColour, stateLabel } from './state-look.ts';

import './states.css';

export function StateShape({ type, size = 16 }: { readonly type: StateType; readonly size?: number }) {
  const { fill, line, mark } = lookOf(type);
  return (
    <svg className="state-shape" data-state={type} width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" style={{ color: `var(${stateColour(type)})` }}>
      {fill !== undefined && <path d={fill} fill="currentColor" />}
      {line !== undefined && <path d={line} fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />}
      {mark !== undefined && <path d={mark} fill="none" stroke="var(--surface)" strokeWidth="1.7" strokeLinecap="round" strokeLinejoin="round" />}
    </svg>
  );
}

export function StateBadge({ type, name }: { readonly type: StateType | null; readonly name: string | null | undefined }) {
  if (type === null) return <span className="state-badge">Not started</span>;
  return (
    <span className="state-badge" style={{ color: `var(${stateColour(type)}-text)` }} data-active={!isTerminal(type)}>
      <StateShape type={type} />
      {stateLabel(type, name)}
    </span>
  );
}

export function badgeOf(run: { readonly state_type: StateType | null; readonly state_name: string | null }) {
  return <StateBadge type={run.state_type} name={run.state_name} />;
}

/** Since when a run's current stretch of work is under way; `null` when it is not. */
export function runningSince({ state }: { readonly state: State | null }): string | null {
  return state?.type === 'RUNNING' ? state.timestamp : null;
}
