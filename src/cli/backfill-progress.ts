/** How far a backfill has come, in words. */

import type { Backfill } from '../contract/backfill.ts';

/** `12 completed, 1 failed, 3 open, 84 waiting`; nothing of what there is none. */
export function showProgress({ progress }: Backfill): string {
  const { total, left_out: leftOut, ...counts } = progress;
  const parts = [
    ...(['completed', 'failed', 'crashed', 'cancelled'] as const).map((name) => [counts[name], name] as const),
    [leftOut, 'left out'] as const,
    [counts.open, 'open'] as const,
    [counts.waiting, 'waiting'] as const,
  ].filter(([count]) => count > 0);
  return `${total} ${total === 1 ? 'slot' : 'slots'}: ${parts.map(([count, name]) => `${count} ${name}`).join(', ')}`;
}
