/** Alerts on the wire, and the link by which one is acknowledged: of Ostinato alone. */

import { ALERT_STATES, type Alert as CoreAlert } from '../core/alerts/alert.ts';
import { SEVERITIES } from '../core/notifications/channel.ts';
import { formatInstant } from '../core/time.ts';
import { instantOrNull } from './encode/instant.ts';
import { Action, Limit, Maybe, type RouteContract } from './route.ts';
import { Count, DateTime, EXACT, Nullable, Uuid, Whole } from './schema/scalars.ts';
import { Type, type Static } from './type.ts';

function oneOf<const Word extends string>(words: readonly Word[]) {
  return Type.Unsafe<Word>(Type.Union(words.map((word) => Type.Literal(word))));
}

const State = oneOf(ALERT_STATES);

export const Alert = Type.Object(
  {
    id: Uuid,
    state: State,
    severity: oneOf(SEVERITIES),
    /** In words. */
    cause: Type.String(),
    /** The blocks whose people are told. */
    block_document_ids: Type.Array(Uuid),
    automation_id: Uuid,
    /** Names of all that have ordered to tell of it. */
    automations: Type.Array(Type.String()),
    opened: DateTime,
    repeated: DateTime,
    closed: Nullable(DateTime),
    /** How often it was ordered to be told. */
    count: Count,
    /** The newest of what it has hit. */
    affected: Type.Array(Type.Object({ id: Type.String(), name: Type.String() }, EXACT)),
    affected_count: Count,
    subject: Nullable(Type.String()),
    acknowledged: Nullable(DateTime),
    acknowledged_by: Nullable(Type.String()),
    /** Steps of escalation that were taken. */
    escalated: Count,
    snoozed_until: Nullable(DateTime),
    /** Messages that were taken by the channel, or given up. */
    messages: Count,
    told: Nullable(DateTime),
    /** What became of the last message. */
    receipt: Type.String(),
  },
  EXACT,
);
export type Alert = Static<typeof Alert>;

export function encodeAlert(alert: CoreAlert): Alert {
  const { told, acknowledged, message } = alert;
  return {
    id: alert.id,
    state: alert.state,
    severity: alert.severity,
    cause: alert.cause,
    block_document_ids: alert.channel.split(','),
    automation_id: alert.automationId,
    automations: [...alert.automations],
    opened: formatInstant(alert.openedAt),
    repeated: formatInstant(alert.repeatedAt),
    closed: instantOrNull(alert.closedAt),
    count: alert.count,
    affected: alert.affected.map(({ id, name }) => ({ id, name })),
    affected_count: alert.affectedCount,
    subject: message?.subject ?? null,
    acknowledged: instantOrNull(acknowledged?.at),
    acknowledged_by: acknowledged?.by ?? null,
    escalated: alert.escalated,
    snoozed_until: instantOrNull(alert.snoozedUntil),
    messages: told.messages,
    told: told.isTold ? formatInstant(told.at) : null,
    receipt: told.receipt,
  };
}

const tag = 'Alerts';
const BASE = '/ostinato/alerts';

export const LIST_ALERTS = {
  method: 'POST',
  path: `${BASE}/filter`,
  name: 'ostinato_read_alerts',
  tag,
  summary: 'Alerts, the newest first',
  body: Action({
    states: Maybe(Type.Array(State)),
    /** The last one of the page before. */
    after: Maybe(Uuid),
    limit: Limit,
  }),
  isBodyOptional: true,
  answers: { 200: Type.Array(Alert) },
} as const satisfies RouteContract;

export const READ_ALERT = {
  method: 'GET',
  path: `${BASE}/{id}`,
  name: 'ostinato_read_alert',
  tag,
  summary: 'Read an alert',
  answers: { 200: Alert },
} as const satisfies RouteContract;

/** Characters of the name of whoever acknowledges an alert. */
export const BY_CHARACTERS_MAX = 200;

export const ACKNOWLEDGE_ALERT = {
  method: 'POST',
  path: `${BASE}/{id}/acknowledge`,
  name: 'ostinato_acknowledge_alert',
  tag,
  summary: 'Take an alert on: it is escalated no further. One that is over stays as it is',
  body: Action({ by: Maybe(Type.String({ minLength: 1, maxLength: BY_CHARACTERS_MAX })) }),
  isBodyOptional: true,
  answers: { 200: Alert },
} as const satisfies RouteContract;

export const CLOSE_ALERT = {
  method: 'POST',
  path: `${BASE}/{id}/close`,
  name: 'ostinato_close_alert',
  tag,
  summary: 'Close an alert: the next failure opens another',
  answers: { 200: Alert },
} as const satisfies RouteContract;

/** A year. */
export const SNOOZE_SECONDS_MAX = 366 * 86_400;

export const SNOOZE_ALERT = {
  method: 'POST',
  path: `${BASE}/{id}/snooze`,
  name: 'ostinato_snooze_alert',
  tag,
  summary: 'Tell nothing of an alert for so many seconds; 0: tell it again',
  body: Action({ seconds: Whole({ minimum: 0, maximum: SNOOZE_SECONDS_MAX }) }),
  answers: { 200: Alert },
} as const satisfies RouteContract;

/** Whoever has the link is whoever was told: it says by itself that this server has made it. */
const link = {
  path: `${BASE}/{id}/acknowledgement`,
  tag,
  access: 'link',
  isOfAnyVersion: true,
  query: { until: Whole({ minimum: 0 }), signature: Type.String({ maxLength: 200 }) },
  answers: { 200: Type.String(), 403: Type.String() },
  answerType: 'text/html',
} as const;

export const SHOW_ACKNOWLEDGEMENT = {
  ...link,
  method: 'GET',
  name: 'ostinato_show_acknowledgement',
  summary: 'The page that the link in a message leads to; it changes nothing',
} as const satisfies RouteContract;

export const ACKNOWLEDGE_BY_LINK = {
  ...link,
  method: 'POST',
  name: 'ostinato_acknowledge_by_link',
  summary: 'Take on the alert of a signed link',
} as const satisfies RouteContract;
