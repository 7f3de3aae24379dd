import { decodeLog } from '../contract/decode/log.ts';
import { encodeLog } from '../contract/encode/log.ts';
import { logFilter } from '../contract/filter/records.ts';
import { logSorts } from '../contract/filter/sort.ts';
import { LIMIT_DEFAULT } from '../contract/route.ts';
import { CREATE_LOGS, FILTER_LOGS } from '../contract/routes/logs.ts';
import type { IdSource } from '../core/ids.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { created, ok, operation, type Operation } from './operation.ts';

export function logOperations({ useCases, ids }: { readonly useCases: UseCases; readonly ids: IdSource }): readonly Operation[] {
  return [
    operation(CREATE_LOGS, async ({ body }) => {
      if (body.length > 0) await useCases.writeLogs(body.map((log) => decodeLog(log, ids)));
      return created(null);
    }),
    operation(FILTER_LOGS, async ({ body }) => {
      const limit = body.limit ?? LIMIT_DEFAULT;
      if (limit === 0) return ok([]);
      const logs = await useCases.findLogs({
        where: logFilter.condition(body.logs ?? {}), sort: logSorts.of(body.sort), limit, offset: body.offset ?? 0,
      });
      return ok(logs.map(encodeLog));
    }),
  ];
}
