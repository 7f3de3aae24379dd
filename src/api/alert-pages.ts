/** The pages that the link in a message leads to: without scripts, styles, and anything that is loaded. */

import { isOver, type Alert } from '../core/alerts/alert.ts';
import type { Answer } from './operation.ts';

/** Over those of every answer: the form may be sent to this server, which has to see from where. */
const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'same-origin',
  'x-robots-tag': 'noindex',
};

export function askingPage(alert: Alert): Answer {
  if (alert.state !== 'open') return acknowledgedPage(alert);
  // Sent to its own address, signature included.
  return page(200, 'Acknowledge this alert?', [
    ...factsOf(alert),
    '<form method="post"><button type="submit">Acknowledge</button></form>',
    '<p>It is escalated no further then.</p>',
  ]);
}

export function acknowledgedPage(alert: Alert): Answer {
  const by = alert.acknowledged === null ? '' : ` by ${escaped(alert.acknowledged.by)}`;
  return page(200, isOver(alert.state) ? `It is ${alert.state} already.` : 'It is acknowledged.', [
    ...factsOf(alert),
    isOver(alert.state) ? '' : `<p>Acknowledged${by}.</p>`,
  ]);
}

/** The same whatever is wrong. */
export function invalidLinkPage(): Answer {
  return page(403, 'This link is not valid, or no longer.', [
    '<p>Use <code>ostinato alert ls</code> and <code>ostinato alert ack</code>.</p>',
  ]);
}

function factsOf({ message, cause, count, affectedCount }: Alert): readonly string[] {
  return [
    `<p><strong>${escaped(message?.subject ?? cause)}</strong></p>`,
    `<p>Cause: ${escaped(cause)}</p>`,
    `<p>${count} ${count === 1 ? 'time' : 'times'}, ${affectedCount} affected.</p>`,
  ];
}

function page(status: number, title: string, parts: readonly string[]): Answer {
  const content = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title></head><body><h1>${title}</h1>
${parts.filter((part) => part !== '').join('\n')}
</body></html>
`;
  return { status, text: { content, type: 'text/html; charset=utf-8' }, headers: HEADERS };
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '').replaceAll(/\p{Cc}/gu, ' ');
}
