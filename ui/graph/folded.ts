/**
 * The rows of a timeline that the server has folded: its groups, and of the open ones as many pages as were asked for.
 * Pure.
 */
import type { GroupPage, InsideGroup } from '../api/inside.ts';
import { formatCount } from '../components/format.ts';
import { parseInstant } from '../components/instant.ts';
import { countsOf, groupName } from '../features/states/group-format.ts';
import { nodeOf } from './nodes.ts';
import type { TimelineRow } from './rows.ts';

/** Ends the id of the row below an open group that asks for its next page. */
export const MORE = '/more';

/** A page of an open group; `undefined` while it is on its way. */
export type LoadedPage = GroupPage | undefined;

export function foldedRows(
  groups: readonly InsideGroup[],
  pagesOf: ReadonlyMap<string, readonly LoadedPage[]>,
): TimelineRow[] {
  return groups.flatMap((group): TimelineRow[] => {
    const pages = pagesOf.get(group.key);
    const head: TimelineRow = {
      kind: 'group',
      id: group.key,
      name: groupName(group),
      count: group.count,
      nodes: [],
      counts: countsOf(group),
      isOpen: pages !== undefined,
      depth: 0,
      start: parseInstant(group.start_time),
      end: group.end_time === null ? null : parseInstant(group.end_time),
    };
    if (pages === undefined) return [head];
    const runs = pages.flatMap((page) => page?.runs ?? []);
    const more = moreLabel(group.count - runs.length, pages.at(-1));
    return [
      head,
      ...runs.map((run): TimelineRow => ({ kind: 'run', id: run.id, node: nodeOf(run), depth: 1 })),
      ...(more === null ? [] : [{ kind: 'more' as const, id: `${group.key}${MORE}`, label: more, depth: 1 }]),
    ];
  });
}

function moreLabel(left: number, last: LoadedPage): string | null {
  if (last === undefined) return 'Loading …';
  return last.next === null ? null : `Show more of ${formatCount(Math.max(1, left))}`;
}
