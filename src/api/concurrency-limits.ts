/** Limits on tags: the older routes for the global concurrency limits named `tag:<tag>`. */

import { encodeMinimalLimit, encodeTagLimit } from '../contract/encode/concurrency.ts';
import { LIMIT_DEFAULT } from '../contract/route.ts';
import {
  CREATE_TAG_LIMIT,
  DECREMENT_TAG_SLOTS,
  DELETE_TAG_LIMIT,
  DELETE_TAG_LIMIT_BY_TAG,
  INCREMENT_TAG_SLOTS,
  LIST_TAG_LIMITS,
  READ_TAG_LIMIT,
  READ_TAG_LIMIT_BY_TAG,
  RESET_TAG_LIMIT,
} from '../contract/routes/concurrency.ts';
import { tagOf } from '../core/concurrency/limit.ts';
import type { ConcurrencyLimitId, TaskRunId } from '../core/ids.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { locked } from './concurrency-limits-v2.ts';
import { created, found, ok, operation, type Operation } from './operation.ts';

const WHAT = 'Concurrency limit';
/**
 * Longest wait of older clients when a tag is full, in seconds. Source: Prefect 3, `tag_concurrency_slot_wait_seconds`.
 */
const TAG_SLOT_WAIT_SECONDS = 10;

export function concurrencyLimitOperations(useCases: UseCases): readonly Operation[] {
  return [
    operation(CREATE_TAG_LIMIT, async ({ body }) => {
      const limit = await useCases.setTagLimit(body.tag, body.concurrency_limit);
      return limit.isNew ? created(encodeTagLimit(limit)) : ok(encodeTagLimit(limit));
    }),
    operation(READ_TAG_LIMIT, async ({ params }) =>
      ok(encodeTagLimit(found(await useCases.readTagLimit({ id: params['id'] as ConcurrencyLimitId }), WHAT))),
    ),
    operation(READ_TAG_LIMIT_BY_TAG, async ({ params }) =>
      ok(encodeTagLimit(found(await useCases.readTagLimit({ tag: params['tag'] as string }), WHAT))),
    ),
    operation(LIST_TAG_LIMITS, async ({ body }) => {
      const limits = await useCases.listTagLimits({ limit: body.limit ?? LIMIT_DEFAULT, offset: body.offset ?? 0 });
      return ok(limits.map(encodeTagLimit));
    }),
    operation(RESET_TAG_LIMIT, async ({ params, body }) => {
      const taskRunIds = (body.slot_override ?? []).map((id) => id.toLowerCase());
      found((await useCases.resetTagLimit(params['tag'] as string, taskRunIds)) ? params : null, WHAT);
      return ok(null);
    }),
    operation(DELETE_TAG_LIMIT, async ({ params }) => {
      found((await useCases.deleteTagLimit({ id: params['id'] as ConcurrencyLimitId })) ? params : null, WHAT);
      return ok(null);
    }),
    operation(DELETE_TAG_LIMIT_BY_TAG, async ({ params }) => {
      found((await useCases.deleteTagLimit({ tag: params['tag'] as string })) ? params : null, WHAT);
      return ok(null);
    }),
    operation(INCREMENT_TAG_SLOTS, async ({ body }) => {
      const answer = await useCases.acquireTagSlots({
        tags: body.names,
        taskRunId: body.task_run_id.toLowerCase() as TaskRunId,
        takesMore: true,
      });
      switch (answer.outcome) {
        case 'closed':
          return {
            status: 423,
            body: {
              detail: `The concurrency limit on tag "${answer.tag}" is 0 and will deadlock if the task tries to run again.`,
            },
          };
        case 'full':
          return locked(TAG_SLOT_WAIT_SECONDS, `Concurrency limit for the ${answer.tag} tag has been reached`);
        default:
          return ok(answer.limits.map((limit) => ({ ...encodeMinimalLimit(limit), name: tagOf(limit) })));
      }
    }),
    operation(DECREMENT_TAG_SLOTS, async ({ body }) => {
      const limits = await useCases.releaseTagSlots({
        tags: body.names,
        taskRunId: body.task_run_id.toLowerCase() as TaskRunId,
      });
      return ok(limits.map(encodeMinimalLimit));
    }),
  ];
}
