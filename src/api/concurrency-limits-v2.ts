/** Global concurrency limits and the leases on their slots. */

import { LEASE_DURATION_SECONDS_DEFAULT } from '../contract/body/concurrency.ts';
import {
  encodeConcurrencyLimitV2,
  encodeGlobalConcurrencyLimit,
  encodeMinimalLimit,
} from '../contract/encode/concurrency.ts';
import { LIMIT_DEFAULT } from '../contract/route.ts';
import {
  CREATE_LIMIT_V2,
  DECREMENT_SLOTS,
  DECREMENT_SLOTS_WITH_LEASE,
  DELETE_LIMIT_V2,
  INCREMENT_SLOTS,
  INCREMENT_SLOTS_WITH_LEASE,
  LIST_LIMITS_V2,
  READ_LIMIT_V2,
  RENEW_LEASE,
  UPDATE_LIMIT_V2,
} from '../contract/routes/concurrency.ts';
import { OstinatoError } from '../core/errors.ts';
import type { ConcurrencyLeaseId } from '../core/ids.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { created, found, NO_CONTENT, ok, operation, type Answer, type Operation } from './operation.ts';

const WHAT = 'Concurrency Limit';

/** 423. Clients read the header as a number of seconds, and fail without it. */
export function locked(retryAfterSeconds: number, detail = 'Locked'): Answer {
  return { status: 423, body: { detail }, headers: { 'retry-after': String(retryAfterSeconds) } };
}

export function concurrencyLimitV2Operations(useCases: UseCases): readonly Operation[] {
  return [...managing(useCases), ...taking(useCases)];
}

function managing(useCases: UseCases): readonly Operation[] {
  return [
    operation(CREATE_LIMIT_V2, async ({ body }) => {
      const { name, limit, active, active_slots, denied_slots, slot_decay_per_second } = body;
      const made = await useCases.createLimit({
        name,
        limit,
        active,
        activeSlots: active_slots,
        deniedSlots: denied_slots,
        slotDecayPerSecond: slot_decay_per_second,
      });
      return created(encodeConcurrencyLimitV2(made));
    }),
    operation(READ_LIMIT_V2, async ({ params }) =>
      ok(encodeGlobalConcurrencyLimit(found(await useCases.readLimit(params['id_or_name'] as string), WHAT))),
    ),
    operation(LIST_LIMITS_V2, async ({ body }) => {
      const limits = await useCases.listLimits({ limit: body.limit ?? LIMIT_DEFAULT, offset: body.offset ?? 0 });
      return ok(limits.map(encodeGlobalConcurrencyLimit));
    }),
    operation(UPDATE_LIMIT_V2, async ({ params, body }) => {
      await refuseNulls(useCases, params['id_or_name'] as string, body);
      const { name, limit, active, active_slots, denied_slots, slot_decay_per_second } = body;
      const isThere = await useCases.updateLimit(params['id_or_name'] as string, {
        name: name ?? undefined,
        limit: limit ?? undefined,
        active: active ?? undefined,
        activeSlots: active_slots ?? undefined,
        deniedSlots: denied_slots ?? undefined,
        slotDecayPerSecond: slot_decay_per_second ?? undefined,
      });
      found(isThere ? params : null, WHAT);
      return NO_CONTENT;
    }),
    operation(DELETE_LIMIT_V2, async ({ params }) => {
      found((await useCases.deleteLimit(params['id_or_name'] as string)) ? params : null, WHAT);
      return NO_CONTENT;
    }),
  ];
}

/** A limit has all of these fields, so `null` has no meaning. */
async function refuseNulls(useCases: UseCases, key: string, body: Readonly<Record<string, unknown>>): Promise<void> {
  const empty = Object.keys(body).find((name) => body[name] === null);
  if (empty === undefined || (await useCases.readLimit(key)) === null) return;
  throw new OstinatoError('conflict', `Data integrity conflict. A concurrency limit cannot be without ${empty}.`);
}

function taking(useCases: UseCases): readonly Operation[] {
  return [
    operation(INCREMENT_SLOTS, async ({ body }) => {
      const answer = await useCases.acquireSlots({
        names: body.names,
        slots: body.slots,
        mode: body.mode ?? 'concurrency',
      });
      return answer.outcome === 'locked' ? locked(answer.retryAfterSeconds) : ok(answer.limits.map(encodeMinimalLimit));
    }),
    operation(INCREMENT_SLOTS_WITH_LEASE, async ({ body }) => {
      const { names, slots, mode = 'concurrency', holder } = body;
      const answer = await useCases.acquireSlots({
        names,
        slots,
        mode,
        lease: {
          durationSeconds: body.lease_duration ?? LEASE_DURATION_SECONDS_DEFAULT,
          holder: holder ? { type: holder.type, id: holder.id.toLowerCase() } : null,
        },
      });
      if (answer.outcome === 'locked') return locked(answer.retryAfterSeconds);
      return ok({ lease_id: answer.lease?.id, limits: answer.limits.map(encodeMinimalLimit) });
    }),
    operation(DECREMENT_SLOTS, async ({ body }) => {
      const limits = await useCases.releaseSlots({
        names: body.names,
        slots: body.slots,
        occupancySeconds: body.occupancy_seconds ?? null,
      });
      return ok(limits.map(encodeMinimalLimit));
    }),
    operation(DECREMENT_SLOTS_WITH_LEASE, async ({ body }) => {
      await useCases.releaseLease(body.lease_id.toLowerCase() as ConcurrencyLeaseId);
      return NO_CONTENT;
    }),
    operation(RENEW_LEASE, async ({ params, body }) => {
      const duration = body.lease_duration ?? LEASE_DURATION_SECONDS_DEFAULT;
      if (await useCases.renewLease(params['lease_id'] as ConcurrencyLeaseId, duration)) return NO_CONTENT;
      return { status: 410, body: { detail: 'Lease not found - it may have expired or been revoked' } };
    }),
  ];
}
