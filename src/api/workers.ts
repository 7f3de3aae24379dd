import { BEAT_WORKER, DELETE_WORKER, encodeWorker, LIST_WORKERS, workerFilter } from '../contract/worker.ts';
import { OstinatoError } from '../core/errors.ts';
import { allOf, type Condition } from '../core/query.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { queryOf } from './lists.ts';
import { NO_CONTENT, ok, operation, type Operation } from './operation.ts';

export function workerOperations(useCases: UseCases): readonly Operation[] {
  return [
    operation(BEAT_WORKER, async ({ params, body }) => {
      await useCases.beatWorker({
        poolName: params['work_pool_name'] as string,
        name: body.name,
        intervalSeconds: body.heartbeat_interval_seconds ?? null,
      });
      return NO_CONTENT;
    }),
    operation(LIST_WORKERS, async ({ params, body }) => {
      const name = params['work_pool_name'] as string;
      const facts = await useCases.readWorkPool({ name });
      if (facts === null) throw new OstinatoError('not-found', `Work pool "${name}" not found.`);
      const ofPool: Condition = { op: 'eq', field: 'workPoolId', value: facts.pool.id };
      const where = allOf([ofPool, ...(body.workers ? [workerFilter.condition(body.workers)] : [])]);
      const workers = await useCases.find(
        'worker',
        queryOf(where, [{ field: 'lastHeartbeat', direction: 'desc' }], body),
      );
      return ok(workers.map(encodeWorker));
    }),
    operation(DELETE_WORKER, async ({ params }) => {
      const isGone = await useCases.forgetWorker(params['work_pool_name'] as string, params['name'] as string);
      if (!isGone) throw new OstinatoError('not-found', 'Worker not found.');
      return NO_CONTENT;
    }),
  ];
}
