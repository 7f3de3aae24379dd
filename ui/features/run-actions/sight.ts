/** In which state a run was seen, and whether it still is. Pure. */
import type { State, StateType } from '../../api/states.ts';

export interface SeenRun {
  readonly id: string;
  readonly name: string;
  /** An event that is ahead of the next answer tells of a state without its id: that is empty then. */
  readonly state: Pick<State, 'id'> | null;
  readonly state_type: StateType | null;
  readonly state_name: string | null;
}

export interface Sight {
  /** Empty until it is known. */
  readonly stateId: string;
  readonly name: string;
  readonly type: StateType | null;
}

export interface Seen {
  readonly stateId: string;
  readonly name: string;
  /** It has another state by now. */
  readonly hasMovedOn: boolean;
  /** It is known which state it was, and it still is in that one. */
  readonly canAct: boolean;
}

export function firstSight(run: SeenRun): Sight {
  return { stateId: run.state?.id ?? '', name: run.state_name ?? 'without a state', type: run.state_type };
}

/** A run that was seen by an event gets the id of its state with the next answer. */
export function knownSight(first: Sight, run: SeenRun): Sight {
  return first.stateId === '' && first.type === run.state_type && run.state !== null && run.state.id !== ''
    ? firstSight(run)
    : first;
}

export function seenNow({ stateId, name, type }: Sight, run: SeenRun): Seen {
  const isKnown = stateId !== '';
  const hasMovedOn = run.state_type !== type || (isKnown && run.state?.id !== stateId);
  return { stateId, name, hasMovedOn, canAct: isKnown && !hasMovedOn };
}
