/** Positions in a feed as text: `<number>.<id>`. Clients hand them back as they are. */

import type { FeedPosition } from '../core/feed-position.ts';
import { isUuid } from '../core/ids.ts';

export function writePosition({ seq, id }: FeedPosition): string {
  return `${seq}.${id}`;
}

/** `null` when it is none of ours. */
export function readPosition(text: unknown): FeedPosition | null {
  const [, digits = '', id = ''] = /^([0-9]{1,15})\.(.{36})$/.exec(typeof text === 'string' ? text : '') ?? [];
  return digits !== '' && isUuid(id) ? { seq: Number(digits), id } : null;
}
