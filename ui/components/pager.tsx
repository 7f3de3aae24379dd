import { formatCount } from './format.ts';
import { Icon } from './icon.tsx';

interface PagerProps {
  /** From 1. */
  readonly page: number;
  readonly pageSize: number;
  readonly total: number | undefined;
  readonly onPage: (page: number) => void;
}

export function Pager({ page, pageSize, total, onPage }: PagerProps) {
  if (total === undefined || total <= pageSize) return null;
  const last = Math.ceil(total / pageSize);
  const from = (page - 1) * pageSize + 1;
  return (
    <nav className="pager" aria-label="Pages">
      <button type="button" className="button" disabled={page <= 1} onClick={() => onPage(page - 1)}>
        <span className="flip"><Icon name="chevron" /></span> Newer
      </button>
      <span className="muted">{formatCount(from)}–{formatCount(Math.min(total, from + pageSize - 1))} of {formatCount(total)}</span>
      <button type="button" className="button" disabled={page >= last} onClick={() => onPage(page + 1)}>
        Older <Icon name="chevron" />
      </button>
    </nav>
  );
}
