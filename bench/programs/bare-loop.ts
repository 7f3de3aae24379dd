/**
 * `bare-loop.ts COUNT BATCH FOLDER`: the limit. Writes the task runs that the home holds once more, into a new
 * database: the same rows by the same statements in batches of the same size, with nothing of ours around them.
 * Microseconds a task, as JSON.
 */
import { join } from 'node:path';

import { matching } from '../../src/core/list-query.ts';
import type { TaskRunRecord } from '../../src/core/task-run.ts';
import { openBareWriter } from '../../src/store/dialect/sqlite/bare-writer.ts';
import { openSqliteStorage } from '../../src/store/dialect/sqlite/index.ts';
import type { TaskRunId } from '../../src/core/ids.ts';

const PAGE = 200;

async function readRecords(path: string, count: number): Promise<TaskRunRecord[]> {
  const storage = openSqliteStorage({ path });
  const [flowRun] = await storage.list('flow_run', { limit: 1 });
  if (flowRun === undefined) throw new Error(`${path} holds no flow run`);
  const records: TaskRunRecord[] = [];
  for (let after: TaskRunId | undefined; records.length < count;) {
    const page = await storage.list('task_run', {
      where: matching({ flowRunId: flowRun.id }),
      direction: 'asc',
      limit: PAGE,
      after,
    });
    for (const run of page) records.push({ run, states: await storage.listTaskRunStates(run.id) });
    after = page.at(-1)?.id;
    if (after === undefined) throw new Error(`${path} holds ${records.length} task runs, not ${count}`);
  }
  storage.close();
  return records;
}

function writeAll(records: readonly TaskRunRecord[], batchSize: number, path: string): number {
  const writer = openBareWriter({ path });
  let milliseconds = 0;
  for (let start = 0; start < records.length; start += batchSize) {
    const batch = writer.encode(records.slice(start, start + batchSize));
    const startedAt = performance.now();
    writer.insert(batch);
    milliseconds += performance.now() - startedAt;
  }
  writer.close();
  return milliseconds * 1000;
}

const [count = 0, batchSize = 0] = process.argv.slice(2, 4).map(Number);
const folder = process.argv[4] ?? '';
const records = await readRecords(join(process.env['OSTINATO_HOME'] ?? '', 'ostinato.db'), count);
writeAll(records.slice(0, 2000), batchSize, join(folder, 'warm-up.db'));
const microseconds = writeAll(records, batchSize, join(folder, 'bare.db'));
console.log(JSON.stringify({ microsecondsPerTask: microseconds / count }));
