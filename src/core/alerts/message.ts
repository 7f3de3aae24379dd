/** What people read of an alert. */

import type { Notification } from '../notifications/channel.ts';
import { formatInstant, secondsBetween, type Instant } from '../time.ts';
import type { DigestEntry } from './digest.ts';
import { isOver, type Alert, type AlertMessage } from './alert.ts';

/** Names in a message. */
const NAMES_SHOWN = 10;

/** Where the alert can be acknowledged; `null`: nobody is asked to. */
export type AcknowledgeUrl = string | null;

/** The message that stands there, as it is from now on. */
export function standing(alert: Alert, { subject, body }: AlertMessage, url: AcknowledgeUrl): Notification {
  if (alert.digest !== null) return { ...shared(alert, null), ...digestOf(alert, alert.digest) };
  const isFirst = alert.count === 1 && alert.state === 'open';
  return {
    ...shared(alert, url),
    subject: isFirst ? subject : headed(alert, subject),
    body: isFirst ? body : `${body}\n\n${summary(alert)}`,
  };
}

function digestOf(
  { count, automations, openedAt, affectedCount }: Alert,
  entries: readonly DigestEntry[],
): AlertMessage {
  const listed = entries.toSorted((a, b) => b.count - a.count);
  const told = listed.reduce((sum, entry) => sum + entry.count, 0);
  return {
    subject: `Digest of ${automations.join(', ')}: ${times(count)}`,
    body: [
      `Since ${minute(openedAt)}, ${affectedCount} affected:`,
      ...listed.map((entry) => `${entry.count} × ${entry.words}`),
      ...(count > told ? [`${count - told} × something else`] : []),
    ].join('\n'),
  };
}

/** A message about it after the first one. */
export function followUp(alert: Alert, { subject }: AlertMessage, url: AcknowledgeUrl): Notification {
  return { ...shared(alert, url), subject: headed(alert, subject), body: summary(alert) };
}

export function escalation(
  alert: Alert,
  { subject, body }: AlertMessage,
  url: AcknowledgeUrl,
  now: Instant,
): Notification {
  const waited = spoken(secondsBetween(alert.openedAt, now));
  const why = `Nobody has acknowledged it. ${waited === null ? '' : `It has gone on for ${waited}. `}`.trim();
  return { ...shared(alert, url), subject: `Escalated: ${subject}`, body: `${body}\n\n${why}\n${summary(alert)}` };
}

function shared(alert: Alert, url: AcknowledgeUrl): Omit<Notification, 'subject' | 'body'> {
  const isAsked = url !== null && alert.state === 'open';
  return {
    key: alert.id,
    format: 'plain',
    severity: alert.state === 'recovered' ? 'success' : alert.severity,
    links: isAsked ? [{ text: 'Acknowledge', url }] : [],
    isResolved: isOver(alert.state),
  };
}

function headed({ state, count, acknowledged }: Alert, subject: string): string {
  const times = count > 1 ? ` (${count} times)` : '';
  if (state === 'recovered') return `Recovered: ${subject}${times}`;
  if (state === 'closed') return `Closed: ${subject}${times}`;
  if (state === 'acknowledged') return `Acknowledged by ${acknowledged?.by ?? 'somebody'}: ${subject}${times}`;
  return `${subject}${times}`;
}

/** How it stands, a sentence a line. */
export function summary(alert: Alert): string {
  const { state, count, openedAt, repeatedAt, closedAt, cause, acknowledged, automations } = alert;
  const lines: string[] = [];
  const lasted = spoken(secondsBetween(openedAt, state === 'recovered' ? (closedAt ?? repeatedAt) : repeatedAt));
  if (state === 'recovered') lines.push(`Recovered after ${lasted ?? 'a moment'}, ${times(count)}.`);
  else if (count > 1) lines.push(`${times(count)} since ${minute(openedAt)}, last at ${minute(repeatedAt)}.`);
  lines.push(`Cause: ${cause}`);
  const affected = affectedLine(alert);
  if (affected !== null) lines.push(affected);
  if (automations.length > 1) lines.push(`Told by the automations ${automations.join(', ')}.`);
  if (acknowledged !== null) lines.push(`Acknowledged by ${acknowledged.by} at ${minute(acknowledged.at)}.`);
  return lines.join('\n');
}

function affectedLine({ affected, affectedCount }: Alert): string | null {
  if (affected.length === 0) return null;
  const names = affected.slice(0, NAMES_SHOWN).map(({ name, id }) => (name === '' ? id : name));
  const more = affectedCount - names.length;
  return `Affected: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`;
}

function times(count: number): string {
  return count === 1 ? '1 time' : `${count} times`;
}

function minute(at: Instant): string {
  return `${formatInstant(at).slice(0, 16).replace('T', ' ')} UTC`;
}

const UNITS = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'm'],
  [1, 's'],
] as const;

/** For instance `12 m` or `1 h 5 m`; `null`: less than a second. */
export function spoken(seconds: number): string | null {
  const whole = Math.floor(seconds);
  const at = UNITS.findIndex(([unit]) => whole >= unit);
  const [unit, next] = [UNITS[at], UNITS[at + 1]];
  if (unit === undefined) return null;
  const rest = next === undefined ? 0 : Math.floor((whole % unit[0]) / next[0]);
  const first = `${Math.floor(whole / unit[0])} ${unit[1]}`;
  return rest === 0 || next === undefined ? first : `${first} ${rest} ${next[1]}`;
}
