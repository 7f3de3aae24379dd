/**
 * `postgres-store.ts KIND URL COUNT BATCH`: writes by the storage port on PostgreSQL, one call after the other, into a
 * database that it makes. KIND: `flow-runs` (made, then moved to Running and to Completed, an event each), `task-runs`
 * (finished ones in batches), `events` (in batches), `variables` (with an event). Microseconds each, as JSON.
 */
import type { Storage } from '../../src/store/port.ts';
import { openPostgresStorage } from '../../src/store/dialect/postgres/index.ts';
import {
  makeEvent,
  makeFlow,
  makeFlowRun,
  makeRecord,
  makeState,
  makeVariable,
} from '../../tests/conformance/samples.ts';

const [kind = '', url = ''] = process.argv.slice(2, 4);
const [count = 1, batch = 1] = process.argv.slice(4, 6).map(Number);

type Write = (storage: Storage, count: number) => Promise<number>;

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) * 1000;
}

/** @returns microseconds of all batches together, without the making of what is in them */
async function inBatches<T>(total: number, make: () => T, write: (things: readonly T[]) => unknown): Promise<number> {
  let microseconds = 0;
  for (let done = 0; done < total; done += batch) {
    const things = Array.from({ length: Math.min(batch, total - done) }, make);
    microseconds += await timed(async () => void (await write(things)));
  }
  return microseconds;
}

const WRITES: Readonly<Record<string, Write>> = {
  async 'flow-runs'(storage, total) {
    const flow = await storage.ensureFlow('bench', () => makeFlow('bench'));
    const runs = Array.from({ length: total }, () => makeFlowRun(flow));
    return await timed(async () => {
      for (const run of runs) {
        await storage.insertFlowRun(run, [makeEvent()]);
        for (const type of ['RUNNING', 'COMPLETED'] as const) {
          const state = makeState(type === 'COMPLETED' ? { type, data: null } : { type });
          await storage.changeFlowRun(run.id, {}, (found) => ({
            ...(found === null ? {} : { run: { ...found, state } }),
            states: [state],
            events: [makeEvent()],
            answer: null,
          }));
        }
      }
    });
  },
  async 'task-runs'(storage, total) {
    const flow = await storage.ensureFlow('bench', () => makeFlow('bench'));
    const run = makeFlowRun(flow);
    await storage.insertFlowRun(run, []);
    return await inBatches(
      total,
      () => makeRecord({ flowRunId: run.id }),
      (records) => storage.writeTaskRuns(records, []),
    );
  },
  events: (storage, total) =>
    inBatches(
      total,
      () => ({ event: makeEvent(), taskRun: null }),
      (reports) => storage.recordEvents(reports),
    ),
  async variables(storage, total) {
    return await timed(async () => {
      for (let index = 0; index < total; index += 1) {
        const variable = makeVariable(`v${index}`, index);
        await storage.changeVariable({ name: variable.name }, () => ({ variable, event: makeEvent(), answer: null }));
      }
    });
  },
};

const write = WRITES[kind];
if (write === undefined) throw new Error(`there are no writes called ${kind}`);
const storage = await openPostgresStorage({ url });
const microseconds = await write(storage, count);
await storage.close();
console.log(JSON.stringify({ microsecondsEach: microseconds / count }));
