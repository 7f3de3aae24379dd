/** What is told of slots that ended without a run. Prefect has neither slots nor events of them. */

import { RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE, type OutboxEvent } from '../../core/event.ts';
import type { EventId, IdSource } from '../../core/ids.ts';
import { slotKey } from '../../core/schedules/schedule.ts';
import { formatInstant } from '../../core/time.ts';
import type { DeploymentRecord, NewSlot } from '../../store/port/deployments.ts';
import type { MissedSlots, Settled } from './settle-slots.ts';

/** Of what the rules of the schedule leave out nothing is told: that was planned. */
export function slotEvents(
  ids: IdSource,
  { deployment, flow }: DeploymentRecord,
  { changedSlots, slots }: Pick<Settled, 'changedSlots' | 'slots'>,
  missed: MissedSlots,
): readonly OutboxEvent[] {
  const planned = new Set(missed.slots.filter(({ slot }) => slot.outcome === 'skipped'));
  const ended = [...changedSlots, ...slots].filter(
    (one: NewSlot) => one.settled === true && one.slot.outcome !== 'run' && !planned.has(one),
  );
  return ended.map(({ slot }) => {
    const { scheduleId, zone, dueAt, through, outcome, reason, decidedAt } = slot;
    const key = slotKey(slot);
    return {
      id: ids.next<EventId>(),
      name: `ostinato.schedule-slot.${outcome}`,
      resourceId: `ostinato.schedule-slot.${scheduleId}.${key}`,
      occurred: decidedAt,
      payload: JSON.stringify({
        nominal: key,
        zone,
        due: formatInstant(dueAt),
        through: through === null ? null : formatInstant(through),
        reason,
      }),
      labels: { [RESOURCE_NAME]: `${flow.name}/${deployment.name} ${key}` },
      related: [
        {
          [RESOURCE_ID]: `prefect.deployment.${deployment.id}`,
          [RESOURCE_ROLE]: 'deployment',
          [RESOURCE_NAME]: deployment.name,
        },
        { [RESOURCE_ID]: `prefect.flow.${flow.id}`, [RESOURCE_ROLE]: 'flow', [RESOURCE_NAME]: flow.name },
      ],
    };
  });
}
