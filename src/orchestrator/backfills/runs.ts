/** The run of a slot of a backfill. */

import type { Backfill, BackfillSlot } from '../../core/backfills/backfill.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import { zonedText } from '../../core/schedules/local-time.ts';
import { zoneOfSlots } from '../../core/schedules/slot.ts';
import { fillSlotTemplates } from '../../core/schedules/slot-template.ts';
import { zoneOf } from '../../core/schedules/zone.ts';
import { formatInstant, type Instant } from '../../core/time.ts';
import type { DeploymentRecord } from '../../store/port/deployments.ts';
import { scheduledRun } from '../deployments/scheduled-run.ts';
import type { OrchestratorPorts } from '../ports.ts';

/** Labels by which programs find what a run is for. */
const LABELS = { backfill: 'ostinato.backfill.id', start: 'ostinato.slot.start', end: 'ostinato.slot.end' } as const;

/** Due now, not when its slot was: it is not late, and no run of today waits behind a year of them. */
export function runOfBackfill(
  ports: Pick<OrchestratorPorts, 'ids' | 'random'>,
  found: DeploymentRecord,
  backfill: Backfill,
  slot: BackfillSlot,
  now: Instant,
): FlowRun {
  const zone = zoneOfSlots(backfill.schedule);
  const clock = zoneOf(zone);
  return scheduledRun(
    ports,
    found,
    {
      scheduledTime: now,
      message: `Of the slot ${slot.nominal.replace('T', ' ')} of backfill ${backfill.name}`,
      parameters: fillSlotTemplates(backfill.parameters, { start: slot.dueAt, end: slot.endsAt, zone }),
      tags: [...new Set([`backfill:${backfill.name}`, ...found.deployment.tags])],
      labels: {
        [LABELS.backfill]: backfill.id,
        [LABELS.start]: zonedText(slot.dueAt, clock),
        ...(slot.endsAt === null ? {} : { [LABELS.end]: zonedText(slot.endsAt, clock) }),
      },
      idempotencyKey: `backfill ${backfill.id} ${formatInstant(slot.dueAt)}`,
      createdBy: { id: backfill.id, type: 'BACKFILL', displayValue: backfill.name },
      autoScheduled: false,
    },
    now,
  );
}
