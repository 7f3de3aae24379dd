/**
 * A process of its own on a store, for the tests: `node storage-process.ts <job> <address> [argument]`.
 *
 * Prints one line of JSON, or one line a batch that is committed.
 */
import { isTerminal } from '../../src/core/state.ts';
import { openSqliteStorage } from '../../src/store/dialect/sqlite/index.ts';
import type { FlowRunId } from '../../src/core/ids.ts';
import type { OutboxEvent } from '../../src/core/event.ts';
import type { Storage } from '../../src/store/port.ts';
import type { CursorBatch } from '../../src/store/port/cursors.ts';
import {
  makeCacheEntry,
  makeEvent,
  makeFlow,
  makeFlowRun,
  makeLog,
  makeProcess,
  makeRecord,
  makeState,
  makeVariable,
  newInstant,
} from './samples.ts';

export const CONTENTION = { flowRuns: 20, batches: 30, recordsPerBatch: 32, increments: 50 } as const;

/** What one contending process saw. */
export interface ContentionReport {
  readonly created: number;
  readonly claimed: number;
}

/** Everything that a run does to a store, as fast as it can, much of it on the same rows as the other processes. */
async function contend(storage: Storage): Promise<ContentionReport> {
  const flow = await storage.ensureFlow('shared', () => makeFlow('shared'));
  const process = makeProcess();
  await storage.writeProcess(process);
  const keyed = await storage.insertFlowRun(makeFlowRun(flow, { idempotencyKey: 'once' }), [makeEvent()]);
  const claim = await storage.claimCacheKey({
    key: 'k',
    taskKey: 't',
    taskRunId: makeRecord().run.id,
    processId: process.id,
    refresh: false,
    now: process.startedAt,
    isAlive: () => true,
  });
  if (claim.status === 'claimed') {
    const entry = makeCacheEntry('k');
    await storage.settleCacheClaim({ key: 'k', taskRunId: entry.taskRunId, processId: process.id, entry });
  }
  for (let index = 0; index < CONTENTION.increments; index++) {
    await storage.changeVariable({ name: 'counter' }, (found) => ({
      variable: makeVariable('counter', Number(found?.value ?? 0) + 1),
      answer: null,
    }));
    await storage.beat(process.id, process.heartbeatAt);
  }
  for (let index = 0; index < CONTENTION.flowRuns; index++) {
    const { run } = await storage.insertFlowRun(makeFlowRun(flow), [makeEvent()]);
    await storage.changeFlowRun(run.id, {}, (found) => ({
      ...(found && { run: { ...found, state: makeState({ type: 'RUNNING' }) } }),
      events: [makeEvent()],
      answer: null,
    }));
  }
  for (let index = 0; index < CONTENTION.batches; index++) {
    await storage.writeTaskRuns(
      Array.from({ length: CONTENTION.recordsPerBatch }, () => makeRecord()),
      [makeLog()],
    );
  }
  await storage.flush();
  return { created: keyed.created ? 1 : 0, claimed: claim.status === 'claimed' ? 1 : 0 };
}

/** Writes batches until it is killed; a line is printed when a batch is committed. */
async function writeForever(storage: Storage, flowRunId: FlowRunId): Promise<never> {
  for (;;) {
    const records = Array.from({ length: 20 }, () => makeRecord({ flowRunId }));
    await storage.writeTaskRuns(records, []);
    process.stdout.write(
      `${records
        .filter(({ run }) => isTerminal(run.state))
        .map(({ run }) => run.id)
        .join(' ')}\n`,
    );
  }
}

/** Tells of each event once, a few a step, until it is killed; a line is printed when a step is committed. */
async function consumeForever(storage: Storage, name: string): Promise<never> {
  for (;;) {
    const step = await storage.advanceCursor(name, { limit: 3, now: newInstant() }, (batch) => ({
      events: tellings(batch),
      answer: batch.events.length,
    }));
    if (step !== null) process.stdout.write(`${step.answer}\n`);
    else await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What a consumer tells of each event that is not such a telling itself. */
export function tellings({ events }: CursorBatch): readonly OutboxEvent[] {
  return events
    .filter(({ name }) => name !== 'told')
    .map(({ id }) => makeEvent({ name: 'told', payload: JSON.stringify({ of: id }) }));
}

async function main(): Promise<void> {
  const [job, address = '', argument = ''] = process.argv.slice(2);
  const storage = openSqliteStorage({ path: address.replace(/^sqlite:/, '') });
  if (job === 'write-forever') await writeForever(storage, argument as FlowRunId);
  else if (job === 'consume-forever') await consumeForever(storage, argument);
  else console.log(JSON.stringify(await contend(storage)));
  storage.close();
}

if (import.meta.main) await main();
