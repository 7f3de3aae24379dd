/** What follows from a firing: the event that tells of it, and the actions that are ordered. */

import type { Automation, AutomationActions } from '../../core/automation.ts';
import type { ActionOrder } from '../../core/automation-firing.ts';
import { derivedId, type HashText } from '../../core/automations/derived-id.ts';
import type { AutomationFiring } from '../../core/automations/evaluation.ts';
import { CHAIN_LABEL, chainOf, OWN_FIRINGS_MAX, OWN_FIRINGS_SECONDS } from '../../core/automations/loop-guard.ts';
import { RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE, type Event, type OutboxEvent } from '../../core/event.ts';
import type { EventId } from '../../core/ids.ts';
import { exactValue } from '../../core/json-value.ts';
import { formatInstant, type Instant } from '../../core/time.ts';

/**
 * `prefect.automation.triggered` or `prefect.automation.resolved`, with the firing's id. Source: Prefect 3.9.1,
 * `server/events/schemas/automations.py`.
 */
export function firingEvent(fired: AutomationFiring, now: Instant): OutboxEvent {
  const { firing, automation, event, posture } = fired;
  const chain = chainOf(event).filter((id) => id !== automation.id);
  return {
    id: firing.id as EventId,
    name: `prefect.automation.${firing.state.toLowerCase()}`,
    resourceId: resourceOf(automation),
    occurred: firing.at,
    received: now,
    labels: {
      [RESOURCE_NAME]: automation.name,
      ...(posture === null ? {} : { 'prefect.posture': posture }),
      ...(chain.length === 0 ? {} : { [CHAIN_LABEL]: chain.join(' ') }),
    },
    related:
      event === null ? [] : [{ [RESOURCE_ID]: `prefect.event.${event.id}`, [RESOURCE_ROLE]: 'triggering-event' }],
    payload: JSON.stringify({
      triggering_labels: firing.labels,
      triggering_event: event === null ? null : wireEvent(event),
      ...(firing.value === undefined ? {} : { triggering_value: firing.value }),
    }),
  };
}

function resourceOf({ id }: Automation): string {
  return `prefect.automation.${id}`;
}

/** As it is answered over HTTP. */
function wireEvent(event: Event): Readonly<Record<string, unknown>> {
  const { occurred, name, resource, related, payload, id, follows, received } = event;
  return {
    occurred: formatInstant(occurred),
    event: name,
    resource,
    related,
    payload: exactValue(payload),
    id,
    follows,
    received: formatInstant(received),
  };
}

/** All of `actions`, then those for this state. */
export function ordersOf({ firing, automation }: AutomationFiring, hash: HashText): readonly ActionOrder[] {
  const { always, onTrigger, onResolve }: AutomationActions = automation.actions;
  const texts = [...actionsIn(always), ...actionsIn(firing.state === 'Triggered' ? onTrigger : onResolve)];
  return texts.map((action, index) => ({ id: derivedId(hash, firing.id, `${index}`), firing, index, action }));
}

function actionsIn(list: string): readonly string[] {
  return (exactValue(list) as readonly unknown[]).map((action) => JSON.stringify(action));
}

/** An automation was disabled, since it had set itself off again and again. */
export function stoppedEvent(automation: Automation, now: Instant, hash: HashText): OutboxEvent {
  return {
    id: derivedId(hash, automation.id, 'stopped', `${automation.updatedAt}`) as EventId,
    name: 'ostinato.automation.stopped',
    resourceId: resourceOf(automation),
    occurred: now,
    labels: { [RESOURCE_NAME]: automation.name },
    payload: JSON.stringify({
      reason:
        `It was set off by what it had brought about itself more than ${OWN_FIRINGS_MAX} times within ` +
        `${OWN_FIRINGS_SECONDS} seconds, and is disabled. Narrow down its trigger, then enable it again.`,
    }),
  };
}
