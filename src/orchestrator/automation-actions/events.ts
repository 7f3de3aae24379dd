/** What is told of an action that was done, or that was not. Source: Prefect 3.9.1, `server/events/actions.py`. */

import type { Automation } from '../../core/automation.ts';
import type { ActionOrder } from '../../core/automation-firing.ts';
import { RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE, type Event, type OutboxEvent } from '../../core/event.ts';
import type { EventId, IdSource } from '../../core/ids.ts';
import { secondsBetween, type Instant } from '../../core/time.ts';
import type { Told } from './acting.ts';

/** Whoever orders events by what they follow would wait for one that happened longer before. */
const FOLLOWS_SECONDS_MAX = 300;

export interface Ended {
  readonly order: ActionOrder;
  readonly automation: Automation;
  readonly event: Event | null;
  readonly actionType: string;
  readonly told: Pick<Told, 'details' | 'related'>;
  /** `null`: it was done. */
  readonly reason: string | null;
  readonly now: Instant;
}

export function actionEvents(ids: IdSource, ended: Ended): readonly OutboxEvent[] {
  const { order, automation, event, actionType, told, reason, now } = ended;
  const { firing } = order;
  const trigger = JSON.parse(automation.trigger) as { readonly type: string; readonly posture?: string };
  const described = { action_index: order.index, action_type: actionType, invocation: order.id };
  const shared = {
    resourceId: `prefect.automation.${automation.id}`,
    labels: {
      [RESOURCE_NAME]: automation.name,
      'prefect.trigger-type': trigger.type,
      ...(trigger.posture === undefined ? {} : { 'prefect.posture': trigger.posture }),
    },
    related: [
      ...told.related,
      eventResource(firing.id, 'automation-triggered-event'),
      ...(firing.eventId === null ? [] : [eventResource(firing.eventId, 'triggering-event')]),
    ],
  };
  const begun: OutboxEvent = {
    ...shared,
    id: ids.next<EventId>(),
    name: 'prefect.automation.action.triggered',
    occurred: firing.at,
    received: now,
    payload: JSON.stringify(described),
    follows: event !== null && isNear(event.occurred, firing.at) ? event.id : null,
  };
  return [
    begun,
    {
      ...shared,
      id: ids.next<EventId>(),
      name: `prefect.automation.action.${reason === null ? 'executed' : 'failed'}`,
      occurred: now,
      payload: JSON.stringify({ ...described, ...(reason === null ? {} : { reason }), ...told.details }),
      follows: begun.id,
    },
  ];
}

function eventResource(id: string, role: string) {
  return { [RESOURCE_ID]: `prefect.event.${id}`, [RESOURCE_ROLE]: role };
}

function isNear(one: Instant, other: Instant): boolean {
  return Math.abs(secondsBetween(one, other)) < FOLLOWS_SECONDS_MAX;
}
