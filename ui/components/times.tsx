/** Times on the page: short to look at, exact on hover and for machines. */
import { useAgeClock, useNow } from './clock.ts';
import { formatAgo, formatDateTime, formatDuration, isoTitle } from './format.ts';

export function TimeAgo({ at }: { readonly at: string }) {
  const then = Date.parse(at);
  const now = useAgeClock(then);
  return (
    <time dateTime={at} title={`${formatDateTime(then)} – ${isoTitle(at)}`}>
      {formatAgo(then, now)}
    </time>
  );
}

export function DateTime({ at }: { readonly at: string | null | undefined }) {
  if (at === null || at === undefined) return <span className="muted">–</span>;
  return (
    <time dateTime={at} title={isoTitle(at)}>
      {formatDateTime(Date.parse(at))}
    </time>
  );
}

/** @param since when it is under way: the time since which the seconds do not count yet */
export function Duration({ seconds, since }: { readonly seconds: number; readonly since?: string | null | undefined }) {
  const now = useNow(since === null || since === undefined ? null : 500);
  const underWay = since === null || since === undefined ? 0 : Math.max(0, (now - Date.parse(since)) / 1000);
  return <span className="duration">{formatDuration(seconds + underWay)}</span>;
}
