/** The kinds of triggers and actions, for programs that help people to write them. */

import { ACTIONS } from './automation-action.ts';
import { TRIGGERS } from './automation-trigger.ts';
import type { Kind } from './kinds.ts';

export interface DescribedKind {
  /** As it stands in `type`. */
  readonly type: string;
  /** In places of what is found wrong. */
  readonly name: string;
  /** Each member with its value where it is left out; `undefined`: it must be given. */
  readonly members: ReadonlyMap<string, unknown>;
}

export const TRIGGER_KINDS: readonly DescribedKind[] = TRIGGERS.map(described);
export const ACTION_KINDS: readonly DescribedKind[] = ACTIONS.map(described);

function described({ name, members }: Kind): DescribedKind {
  return {
    type: String(members['type']?.unlessSaid?.value),
    name,
    members: new Map(Object.entries(members).map(([member, { unlessSaid }]) => [member, unlessSaid?.value])),
  };
}
