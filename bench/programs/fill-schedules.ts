/**
 * Puts deployments with ten schedules each into a new database, and a pool for their runs: `fill-schedules COUNT PATH
 * START SECONDS SLOTS`.
 *
 * Each schedule has a slot a day. Of all schedules, SLOTS have theirs spread evenly over SECONDS from START on (a time
 * of the epoch in seconds); those of the others are spread over the half day that begins six hours later. The runs of
 * the next days are made, as a server makes them that has been there for a while.
 */

import { createUseCases } from '../../src/orchestrator/use-cases.ts';
import type { FlowId, IdSource } from '../../src/core/ids.ts';
import type { Instant } from '../../src/core/time.ts';
import { createClock } from '../../src/platform/clock.ts';
import { createIdSource } from '../../src/platform/ids.ts';
import { openSqliteStorage } from '../../src/store/dialect/sqlite/index.ts';

const [count, path, start, seconds, slots] = [2, 3, 4, 5, 6].map((at) => process.argv[at] ?? '') as [
  string,
  string,
  string,
  string,
  string,
];
const SCHEDULES_EACH = 10;
const DAY_SECONDS = 86_400;
const LATER_SECONDS = 6 * 3600;
const AT_ONCE = 200;

// Nothing is flushed: who fills a database for a measurement needs no promise.
const storage = openSqliteStorage({ path });
const ids: IdSource = createIdSource();
const clock = createClock();
const use = createUseCases({
  storage,
  ids,
  clock,
  random: Math.random,
  liveness: () => ({ alive: false, evidence: '' }),
});
const now = clock.now();
const flow = await storage.ensureFlow('scheduled', () => ({
  id: ids.next<FlowId>(),
  name: 'scheduled',
  tags: [],
  labels: {},
  createdAt: now,
}));
await use.createWorkPool({
  name: 'bench',
  type: 'process',
  description: null,
  baseJobTemplate: '{}',
  isPaused: false,
  concurrencyLimit: null,
  storageConfiguration: '{}',
});

/** Seconds of the epoch. */
function slotOf(index: number): number {
  const early = Number(slots);
  if (index < early) return Number(start) + (Number(seconds) * index) / early;
  return Number(start) + LATER_SECONDS + (DAY_SECONDS / 2) * ((index - early) / Number(count));
}

let writes: Promise<unknown>[] = [];
for (let first = 0; first < Number(count); first += SCHEDULES_EACH) {
  const schedules = Array.from({ length: Math.min(SCHEDULES_EACH, Number(count) - first) }, (_, index) => ({
    // What is due in the measured time is spread over the deployments.
    schedule: {
      kind: 'interval',
      interval: DAY_SECONDS,
      anchorDate: Math.round(
        slotOf(first / SCHEDULES_EACH + (index * Number(count)) / SCHEDULES_EACH) * 1e6,
      ) as Instant,
      timezone: null,
    } as const,
    slug: `slot-${index}`,
    policy: { catchUp: 'latest' } as const,
  }));
  writes.push(
    use.createDeployment({
      flowId: flow.id,
      name: `scheduled-${first / SCHEDULES_EACH}`,
      fields: { entrypoint: 'scheduled.ts:scheduled' },
      schedules,
      creator: null,
      workPoolName: 'bench',
    }),
  );
  if (writes.length < AT_ONCE) continue;
  await Promise.all(writes);
  writes = [];
}
await Promise.all(writes);
const armedAt = performance.now();
let armed = 0;
for (let due = await use.scheduleAhead(AT_ONCE); due > 0; due = await use.scheduleAhead(AT_ONCE)) armed += due;
const microsecondsEach = ((performance.now() - armedAt) * 1000) / armed;
storage.close();
console.log(JSON.stringify({ armed, microsecondsEach }));
