/** How a notification reads where a service takes one text. */

import type { Notification, NotificationLink } from '../core/notifications/channel.ts';

/** Subject, body and links, below each other. @param charactersMax of the whole; what is over is cut and said to be */
export function wholeText({ subject, body, links }: Notification, charactersMax: number): string {
  const text = subject === '' ? body : `${subject}\r\n${body}`;
  return withLinks(text, links, charactersMax);
}

/** Links are kept where the text is cut. */
export function withLinks(text: string, links: readonly NotificationLink[], charactersMax: number): string {
  const below = links.map(({ text: name, url }) => `\n${name}: ${url}`).join('');
  return below.length >= charactersMax
    ? shortened(text, charactersMax)
    : shortened(text, charactersMax - below.length) + below;
}

/** Cuts between characters, not within one. */
export function shortened(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  return `${text.slice(0, Math.max(0, charactersMax - 1)).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** Of one line, for places where a further line would be something else. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}
