import { useEffect, useEffectEvent } from 'react';

import { formatCount } from './format.ts';
import { Icon } from './icon.tsx';

import './list-page.css';

interface PagerProps {
  /** From 1. */
  readonly page: number;
  readonly pageSize: number;
  readonly total: number | undefined;
  /** Whether the newest come first. */
  readonly isByTime?: boolean;
  readonly onPage: (page: number) => void;
}

export function Pager({ page, pageSize, total, isByTime = true, onPage }: PagerProps) {
  if (total === undefined || total <= pageSize) return null;
  const last = Math.ceil(total / pageSize);
  const from = (Math.min(page, last) - 1) * pageSize + 1;
  return (
    <nav className="pager" aria-label="Parts of the list">
      <button type="button" className="button" disabled={page <= 1} onClick={() => onPage(page - 1)}>
        <span className="flip">
          <Icon name="chevron" />
        </span>{' '}
        {isByTime ? 'Newer' : 'Before'}
      </button>
      <span className="muted">
        {formatCount(from)}–{formatCount(Math.min(total, from + pageSize - 1))} of {formatCount(total)}
      </span>
      <button type="button" className="button" disabled={page >= last} onClick={() => onPage(page + 1)}>
        {isByTime ? 'Older' : 'Next'} <Icon name="chevron" />
      </button>
    </nav>
  );
}

/**
 * A list may be shorter than the address says, or become so: then its last page is shown.
 * @param total `undefined` while it is not known
 */
export function useLastPage(
  page: number,
  pageSize: number,
  total: number | undefined,
  onPage: (last: number) => void,
): void {
  const last = total === undefined ? page : Math.max(1, Math.ceil(total / pageSize));
  const turn = useEffectEvent(onPage);
  useEffect(() => {
    if (page > last) turn(last);
  }, [page, last]);
}
