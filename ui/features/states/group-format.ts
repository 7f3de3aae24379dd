/** What a group of task runs is called, and how its runs went. Pure. */
import type { GroupPlace, InsideGroup } from '../../api/inside.ts';
import { lookOf } from './state-look.ts';

export function countsOf({ states }: Pick<InsideGroup, 'states'>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state_type: type, state_name: name, count } of states) {
    const { id } = lookOf(type, name);
    counts[id] = (counts[id] ?? 0) + count;
  }
  return counts;
}

/** Of all groups together. */
export function sumOf(groups: readonly InsideGroup[]): Record<string, number> {
  return countsOf({ states: groups.flatMap(({ states }) => states) });
}

/** A group of neighbours is called by its first and its last. */
export function groupName({ name, last_name: last }: Pick<InsideGroup, 'name' | 'last_name'>): string {
  return last === null || last === name ? name : `${name} … ${last}`;
}

/** Where its first page begins: where none failed, nobody need look for those. */
export function firstPlace({ states }: Pick<InsideGroup, 'states'>): GroupPlace {
  return states.some(({ state_type: type }) => type === 'FAILED' || type === 'CRASHED')
    ? null
    : { is_bad: false, after: null };
}
