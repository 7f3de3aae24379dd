/** The lines that a log view holds: pages from either end, and what comes live. Pure. */
import type { Log } from '../../api/logs.ts';

/** Where reading began: at the first line, or at the newest. */
export type LogEnd = 'first' | 'newest';

export interface LogStore {
  /** Oldest first, none twice. */
  readonly lines: readonly Log[];
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
}

export type LogAction =
  | { readonly type: 'loaded'; readonly from: LogEnd; readonly page: readonly Log[]; readonly isLast: boolean }
  | { readonly type: 'newer'; readonly page: readonly Log[]; readonly isLast: boolean }
  | { readonly type: 'older'; readonly page: readonly Log[]; readonly isLast: boolean }
  | { readonly type: 'live'; readonly lines: readonly Log[] };

export const EMPTY_LOGS: LogStore = { lines: [], hasOlder: false, hasNewer: false };

/** A run that logs for days must not fill the browser's memory: the oldest lines go, and can be loaded again. */
export const LINES_MAX = 50_000;

/** @param page as the server gave it: from the newest back for `older`, and for `loaded` from the newest */
export function reduceLogs(store: LogStore, action: LogAction): LogStore {
  switch (action.type) {
    case 'loaded':
      return action.from === 'first'
        ? { lines: action.page, hasOlder: false, hasNewer: !action.isLast }
        : { lines: action.page.toReversed(), hasOlder: !action.isLast, hasNewer: false };
    case 'newer':
      return bound({ ...store, lines: merge(store.lines, action.page), hasNewer: !action.isLast });
    case 'older':
      return { ...store, lines: merge(action.page.toReversed(), store.lines), hasOlder: !action.isLast };
    case 'live':
      // Behind a gap a live line would stand where it does not belong.
      return store.hasNewer ? store : bound({ ...store, lines: merge(store.lines, action.lines) });
  }
}

function bound(store: LogStore): LogStore {
  if (store.lines.length <= LINES_MAX) return store;
  return { ...store, lines: store.lines.slice(-LINES_MAX), hasOlder: true };
}

function merge(lines: readonly Log[], more: readonly Log[]): readonly Log[] {
  const known = new Set(lines.slice(-2000).map(({ id }) => id));
  const fresh = more.filter(({ id }) => !known.has(id));
  if (fresh.length === 0) return lines;
  const all = [...lines, ...fresh];
  const last = lines.at(-1);
  const isInOrder =
    last === undefined || fresh.every((line, at) => (fresh[at - 1] ?? last).timestamp <= line.timestamp);
  return isInOrder ? all : all.sort((a, b) => (a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : 0));
}
