/** Backfills: looked at beforehand, begun, listed, paused, resumed, aborted. */

import {
  ABORT_BACKFILL,
  encodeBackfill,
  encodeBackfillSlot,
  encodePreview,
  FILTER_BACKFILL_SLOTS,
  FILTER_BACKFILLS,
  PAUSE_BACKFILL,
  PREVIEW_BACKFILL,
  READ_BACKFILL,
  RESUME_BACKFILL,
  START_BACKFILL,
  type BackfillRequest,
} from '../contract/backfill.ts';
import { decodeDates } from '../contract/deployment-schedule.ts';
import { LIMIT_DEFAULT } from '../contract/route.ts';
import type { BackfillId } from '../core/backfills/backfill.ts';
import { readUuid, type DeploymentId, type DeploymentScheduleId } from '../core/ids.ts';
import { matching } from '../core/list-query.ts';
import { parseInstant } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { checkSize } from './flow-runs.ts';
import { queryOf } from './lists.ts';
import { created, ok, operation, type Operation } from './operation.ts';

const CONCURRENCY_DEFAULT = 1;

export function backfillOperations(useCases: UseCases): readonly Operation[] {
  return [
    operation(PREVIEW_BACKFILL, async ({ params, body, exact }) =>
      ok(
        encodePreview(
          await useCases.previewBackfill(params['id'] as DeploymentId, decodeRequest(body, exact)),
          body.limit ?? LIMIT_DEFAULT,
        ),
      ),
    ),
    operation(START_BACKFILL, async ({ params, body, exact }) => {
      const { created: isNew, ...shown } = await useCases.startBackfill(params['id'] as DeploymentId, {
        ...decodeRequest(body, exact),
        id: idOf<BackfillId>(body.id),
        name: body.name ?? undefined,
        concurrency: body.concurrency ?? CONCURRENCY_DEFAULT,
        createdBy: body.created_by ?? null,
      });
      return isNew ? created(encodeBackfill(shown)) : ok(encodeBackfill(shown));
    }),
    operation(FILTER_BACKFILLS, async ({ body }) => {
      const where = matching({
        deploymentId: idOf(body.deployment_id),
        name: body.name || undefined,
        state: body.states ?? undefined,
      });
      const sort = [{ field: 'createdAt', direction: 'desc' } as const];
      return ok((await useCases.findBackfills(queryOf(where, sort, body))).map(encodeBackfill));
    }),
    operation(READ_BACKFILL, async ({ params }) =>
      ok(encodeBackfill(await useCases.readBackfill(params['id'] as BackfillId))),
    ),
    operation(FILTER_BACKFILL_SLOTS, async ({ params, body }) => {
      const page = {
        states: body.states ?? undefined,
        after: body.after ? parseInstant(body.after) : null,
        limit: body.limit ?? LIMIT_DEFAULT,
      };
      return ok((await useCases.listBackfillSlots(params['id'] as BackfillId, page)).map(encodeBackfillSlot));
    }),
    operation(PAUSE_BACKFILL, async ({ params }) =>
      ok(encodeBackfill(await useCases.pauseBackfill(params['id'] as BackfillId))),
    ),
    operation(RESUME_BACKFILL, async ({ params }) =>
      ok(encodeBackfill(await useCases.resumeBackfill(params['id'] as BackfillId))),
    ),
    operation(ABORT_BACKFILL, async ({ params, body }) =>
      ok(encodeBackfill(await useCases.abortBackfill(params['id'] as BackfillId, body.running ?? false))),
    ),
  ];
}

function idOf<Id extends string>(text: string | null | undefined): Id | undefined {
  return text ? ((readUuid(text) ?? text) as Id) : undefined;
}

function decodeRequest(body: BackfillRequest, exact: Readonly<Record<string, unknown>>) {
  checkSize(exact['parameters'] ?? {}, body.parameters);
  const { schedule } = body;
  return {
    from: body.from,
    to: body.to ?? undefined,
    scheduleId: idOf<DeploymentScheduleId>(body.schedule_id),
    times: schedule ? (anchor: Parameters<typeof decodeDates>[1]) => decodeDates(schedule, anchor) : undefined,
    parameters: JSON.stringify(exact['parameters'] ?? {}),
    order: body.order ?? 'oldest',
    rerun: body.rerun ?? 'missing',
  } as const;
}
