import { isTerminal, type State, type StateType } from '../../api/states.ts';
import { lookOf, stateLabel } from './state-look.ts';

export function StateShape({
  type,
  name,
  size = 16,
}: {
  readonly type: StateType;
  readonly name?: string | null | undefined;
  readonly size?: number;
}) {
  const { id, colour, fill, line, mark } = lookOf(type, name);
  return (
    <svg
      className="state-shape"
      data-state={type}
      data-look={id}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      aria-hidden="true"
      style={{ color: `var(${colour})` }}
    >
      {fill !== undefined && <path d={fill} fill="currentColor" />}
      {line !== undefined && (
        <path d={line} fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
      )}
      {mark !== undefined && (
        <path
          d={mark}
          fill="none"
          stroke="var(--surface)"
          strokeWidth="1.7"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      )}
    </svg>
  );
}

export function StateBadge({
  type,
  name,
}: {
  readonly type: StateType | null;
  readonly name: string | null | undefined;
}) {
  if (type === null) return <span className="state-badge">Not started</span>;
  return (
    <span
      className="state-badge"
      style={{ color: `var(${lookOf(type, name).colour}-text)` }}
      data-active={!isTerminal(type)}
    >
      <StateShape type={type} name={name} />
      <span>{stateLabel(type, name)}</span>
    </span>
  );
}

export function badgeOf(run: { readonly state_type: StateType | null; readonly state_name: string | null }) {
  return <StateBadge type={run.state_type} name={run.state_name} />;
}

/**
 * What a page of a run is called: many tabs are told apart by it, and a tab in the background says when its run has
 * ended.
 */
export function titleOf(run: {
  readonly name: string;
  readonly state_type: StateType | null;
  readonly state_name: string | null;
}): string {
  return `${run.name} – ${wordOf(run)}`;
}

function wordOf({
  state_type: type,
  state_name: name,
}: {
  readonly state_type: StateType | null;
  readonly state_name: string | null;
}): string {
  return type === null ? 'Not started' : stateLabel(type, name);
}

/** Says a run's state to who does not see it change. */
export function StateSpoken({ run }: { readonly run: Parameters<typeof titleOf>[0] }) {
  return (
    <p className="visually-hidden" role="status">
      {run.name} is now: {wordOf(run)}
    </p>
  );
}

/** Since when a run's current stretch of work is under way; `null` when it is not. */
export function runningSince({ state }: { readonly state: State | null }): string | null {
  return state?.type === 'RUNNING' ? state.timestamp : null;
}
