/** A message and the details given with it, as one line. */

import { showValue } from './show-value.ts';

/** `%d0` is part of a URL-encoded address, not a placeholder. */
const PLACES = /%(?:%|[sjoO]|[dif](?![0-9a-fA-F]))/g;

/**
 * Fills placeholders as `console.log` does: `%s` and `%j`, `%o`, `%O` (any value), `%d`, `%i`, `%f` (numbers), `%%` (a
 * percent sign). Remaining details, and those that do not fit their placeholder, are appended.
 */
export function logLine(message: unknown, details: readonly unknown[]): string {
  // Not cut here: the writer of the line cuts it.
  const text = typeof message === 'string' ? message : showValue(message);
  if (details.length === 0) return text;
  let next = 0;
  const filled =
    text.includes('%') && typeof message === 'string'
      ? text.replace(PLACES, (place) => {
          if (place === '%%') return '%';
          if (next >= details.length) return place;
          const detail = details[next];
          if ('dif'.includes(place.charAt(1))) {
            if (typeof detail !== 'number' && typeof detail !== 'bigint') return place;
            next += 1;
            return place === '%i' && typeof detail === 'number' ? String(Math.trunc(detail)) : String(detail);
          }
          next += 1;
          return place === '%s' ? showValue(detail) : showValue([detail]).slice(1, -1);
        })
      : text;
  return [filled, ...details.slice(next).map((detail) => showValue(detail))].join(' ');
}
