import { decodeLog } from '../contract/decode/log.ts';
import { encodeLog } from '../contract/encode/log.ts';
import { logFilter } from '../contract/filter/records.ts';
import { logSorts } from '../contract/filter/sort.ts';
import { LIMIT_DEFAULT } from '../contract/route.ts';
import { CREATE_LOGS, FILTER_LOGS } from '../contract/routes/logs.ts';
import type { IdSource } from '../core/ids.ts';
import type { LogRecord } from '../core/log.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { mapInTurns } from './body-turns.ts';
import { created, ok, operation, type Operation } from './operation.ts';

/**
 * What clients send at once stays one transaction: Prefect's send 4 MB at most, in messages of 1 MB. More would hold up everybody
 * while it is written; of a larger batch that fails half-way, the beginning stays.
 */
const BATCH_CHARACTERS = 4 * 1024 * 1024;
const BATCH_LOGS = 5_000;

function* batchesOf(logs: readonly LogRecord[]): Generator<readonly LogRecord[]> {
  let start = 0;
  let characters = 0;
  for (const [index, { message }] of logs.entries()) {
    if (index > start && (characters + message.length > BATCH_CHARACTERS || index - start >= BATCH_LOGS)) {
      yield logs.slice(start, index);
      start = index;
      characters = 0;
    }
    characters += message.length;
  }
  yield logs.slice(start);
}

export function logOperations({ useCases, ids }: { readonly useCases: UseCases; readonly ids: IdSource }): readonly Operation[] {
  return [
    operation(CREATE_LOGS, async ({ body }) => {
      if (body.length > 0) for (const batch of batchesOf(await mapInTurns(body, (log) => decodeLog(log, ids)))) await useCases.writeLogs(batch);
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
