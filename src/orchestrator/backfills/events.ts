import type { Backfill } from '../../core/backfills/backfill.ts';
import { RESOURCE_ID, RESOURCE_ROLE, type OutboxEvent } from '../../core/event.ts';
import type { IdSource } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import { changeEvent } from '../events.ts';

/** `ostinato.backfill.running`, `paused`, `completed`, `aborted`. */
export function backfillEvent(ids: IdSource, backfill: Backfill, now: Instant): OutboxEvent {
  const { id, name, state, reason, deploymentId } = backfill;
  const event = changeEvent(
    ids,
    'backfill',
    id,
    'updated',
    now,
    { name, state, reason },
    { name, related: [{ [RESOURCE_ID]: `prefect.deployment.${deploymentId}`, [RESOURCE_ROLE]: 'deployment' }] },
  );
  return { ...event, name: `ostinato.backfill.${state}`, resourceId: `ostinato.backfill.${id}` };
}
