/** What is told of alerts: that they are opened, acknowledged, escalated, recovered and closed. */

import type { Alert } from '../../core/alerts/alert.ts';
import { RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE, type OutboxEvent } from '../../core/event.ts';
import type { EventId, IdSource } from '../../core/ids.ts';
import { formatInstant, type Instant } from '../../core/time.ts';

export type AlertHappening = 'opened' | 'acknowledged' | 'escalated' | 'recovered' | 'closed';

export function alertEvent(ids: IdSource, alert: Alert, what: AlertHappening, now: Instant): OutboxEvent {
  const { id, cause, severity, state, count, affected, affectedCount, channel, automationId, openedAt } = alert;
  return {
    id: ids.next<EventId>(),
    name: `ostinato.alert.${what}`,
    resourceId: `ostinato.alert.${id}`,
    labels: { [RESOURCE_NAME]: cause, 'ostinato.alert.severity': severity, 'ostinato.alert.state': state },
    related: [
      { [RESOURCE_ID]: `prefect.automation.${automationId}`, [RESOURCE_ROLE]: 'automation' },
      { [RESOURCE_ID]: `prefect.block-document.${channel}`, [RESOURCE_ROLE]: 'block' },
      ...affected
        .slice(0, 1)
        .map((one) => ({ [RESOURCE_ID]: one.id, [RESOURCE_NAME]: one.name, [RESOURCE_ROLE]: 'affected' })),
    ],
    occurred: now,
    payload: JSON.stringify({
      cause,
      severity,
      state,
      count,
      affected: affectedCount,
      opened: formatInstant(openedAt),
      acknowledged_by: alert.acknowledged?.by ?? null,
      escalated: alert.escalated,
    }),
  };
}
