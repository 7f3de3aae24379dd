import { decodeLog } from '../contract/decode/log.ts';
import { encodeLog } from '../contract/encode/log.ts';
import { logFilter } from '../contract/filter/records.ts';
import { logSorts } from '../contract/filter/sort.ts';
import { CREATE_LOGS, FILTER_LOGS } from '../contract/routes/logs.ts';
import type { IdSource } from '../core/ids.ts';
import type { LogRecord } from '../core/log.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { mapInTurns } from './body-turns.ts';
import { queryOf } from './lists.ts';
import { created, ok, operation, type Operation } from './operation.ts';

/**
 * A batch up to this size is one transaction: Prefect's clients send 4 MB at most, in messages of 1 MB. A larger one
 * would block others while it is written; if it fails half-way, its beginning stays.
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

export function logOperations({
  useCases,
  ids,
}: {
  readonly useCases: UseCases;
  readonly ids: IdSource;
}): readonly Operation[] {
  return [
    operation(CREATE_LOGS, async ({ body }) => {
      if (body.length > 0)
        for (const batch of batchesOf(await mapInTurns(body, (log) => decodeLog(log, ids))))
          await useCases.writeLogs(batch);
      return created(null);
    }),
    operation(FILTER_LOGS, async ({ body }) => {
      const query = queryOf(logFilter.condition(body.logs ?? {}), logSorts.of(body.sort), body);
      const logs = await useCases.find('log', query);
      return ok(logs.map(encodeLog));
    }),
  ];
}
