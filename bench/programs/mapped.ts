/**
 * `mapped.ts COUNT`: a fan-out of no-op tasks, until another connection reads every task run as completed;
 * microseconds, as JSON.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

import { flow, task } from 'ostinato';

const WARM_UP = 20;
const TIMEOUT_MS = 60_000;

const noop = task((x: number) => x, { name: 'noop' });

const times = { started: 0, done: 0, recorded: 0 };
const mapped = flow(
  async ({ count }: { count: number }) => {
    times.started = performance.now();
    await noop.map(Array.from({ length: count }, (_, index) => index));
    times.done = performance.now();
  },
  { name: 'Mapped' },
);

const count = Number(process.argv[2]);
await mapped({ count: WARM_UP });
const database = new DatabaseSync(join(process.env['OSTINATO_HOME'] ?? '', 'ostinato.db'), { readOnly: true });
const completed = database.prepare("SELECT count(*) AS count FROM task_run WHERE state_type = 'COMPLETED'");
const missing = (): number => WARM_UP + count - Number(completed.get()?.['count']);
while (missing() > count) await delay(1);
await mapped({ count });
while (missing() > 0) {
  if (performance.now() - times.started > TIMEOUT_MS)
    throw new Error(`${missing()} of ${count} task runs are not recorded`);
  await delay(1);
}
times.recorded = performance.now();
database.close();
console.log(
  JSON.stringify({
    microsecondsUntilDone: (times.done - times.started) * 1000,
    microsecondsUntilRecorded: (times.recorded - times.started) * 1000,
  }),
);
