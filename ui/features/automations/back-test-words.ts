/** What a back-test has found, in words. Pure. */
import type { BackTestHint, CountedWindowWire } from '../../api/back-tests.ts';
import { countOf } from '../../components/format.ts';

/** `not have fired`, `have fired once`, `have fired 3 times`. */
export function timesWords(fired: number): string {
  if (fired === 0) return 'not have fired';
  return `have fired ${fired === 1 ? 'once' : `${fired} times`}`;
}

/** `2 of 3 came for region=eu`. */
export function windowWords({ count, threshold, labels }: CountedWindowWire): string {
  const key = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  return `${count} of ${threshold} came${key.length === 0 ? '' : ` for ${key.join(', ')}`}`;
}

/** Why a trigger has looked at nothing. */
export function hintWords({ what, label, expected, count, nearest }: BackTestHint): string {
  const near = nearest.map(({ value, count: seen }) => `“${value}” (${seen})`).join(', ');
  const end = near === '' ? '' : ` Nearest: ${near}.`;
  const wanted = expected.join(' or ');
  if (what === 'name') return `None of ${countOf(count, 'event')} had the name ${wanted}.${end}`;
  const whose = what === 'label' ? 'the label' : 'a related resource with the label';
  return `${countOf(count, 'event')} had this name, none had ${whose} ${label}: ${wanted}.${end}`;
}
