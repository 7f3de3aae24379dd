/** What the address says of a view of log lines. Pure. */
import { oneIn, said, textIn, type RawSearch } from '../../components/search-values.ts';
import { LEVELS } from './log-level.ts';
import type { LogEnd } from './log-store.ts';

export interface LogSearch {
  /** The least that is shown. */
  readonly level?: number;
  readonly text?: string;
  /** Where reading begins. */
  readonly end?: LogEnd;
}

export const LOG_SEARCH_KEYS = ['level', 'text', 'end'] as const satisfies readonly (keyof LogSearch)[];

export function parseLogSearch(raw: RawSearch): LogSearch {
  const level = oneIn<number>(
    raw['level'],
    LEVELS.map(({ min }) => min),
  );
  return said({
    level: level === 0 ? undefined : level,
    text: textIn(raw['text']),
    end: oneIn<LogEnd>(raw['end'], ['first', 'newest']),
  });
}
