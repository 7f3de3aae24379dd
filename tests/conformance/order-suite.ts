/** The order of feeds: what whoever goes on behind the last row that he saw may rely on, whatever meets or fails. */
import assert from 'node:assert/strict';
import type { OutboxEvent } from '../../src/core/event.ts';
import type { Storage } from '../../src/store/port.ts';
import { makeEvent, makeFlow, makeFlowRun, makeLog, makeRecord, makeVariable, newId, newInstant } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

interface Told {
  readonly events: readonly string[];
  readonly logs: readonly string[];
}

/** Writes by each way that ends in numbered rows, all on the same few rows, so that writes meet; some fail. */
async function writeAll(storage: Storage, flowName: string): Promise<Told> {
  const events = Array.from({ length: 6 }, () => makeEvent());
  const [inFlow, inRun, inMove, inVariable, inBatch, failed] = events as [OutboxEvent, ...OutboxEvent[]];
  const flow = await storage.ensureFlow(
    flowName,
    () => makeFlow(flowName),
    () => inFlow,
  );
  const isOurs = (await storage.readEvents({ afterSeq: 0, limit: 10_000 })).some(({ id }) => id === inFlow.id);
  const run = makeFlowRun(flow);
  await storage.insertFlowRun(run, [inRun as OutboxEvent]);
  await storage.changeFlowRun(run.id, {}, () => ({ events: [inMove as OutboxEvent], answer: null }));
  await storage.changeVariable({ name: 'shared' }, (found) => ({
    variable: makeVariable('shared', Number(found?.value ?? 0) + 1),
    event: inVariable as OutboxEvent,
    answer: null,
  }));
  await storage.recordEvents([{ event: inBatch as OutboxEvent, taskRun: null }]);
  const record = makeRecord({ flowRunId: run.id });
  const logs = [makeLog(), makeLog(), makeLog()];
  await storage.writeTaskRuns([record], logs.slice(0, 2));
  await storage.writeLogs(logs.slice(2));
  // It has drawn a number when it fails.
  const broken = makeEvent({ id: 'no id' as never });
  await assert.rejects(async () => storage.insertFlowRun(makeFlowRun(flow), [failed as OutboxEvent, broken]));
  const states = new Set([...record.states, record.run.state].map(({ id }) => id as string));
  return {
    events: [...[inRun, inMove, inVariable, inBatch].map((event) => event?.id ?? ''), ...states].concat(
      isOurs ? [inFlow.id] : [],
    ),
    logs: logs.map(({ id }) => id),
  };
}

/** Follows both feeds, in small pages, until told to stop; then to their ends. */
async function follow(storage: Storage, isOver: () => boolean): Promise<Told & { readonly seqs: readonly number[] }> {
  const [events, logs, seqs]: [string[], string[], number[]] = [[], [], []];
  const reached = { event: 0, log: 0 };
  for (let isLast = false; ;) {
    const found = await storage.readFullEvents({ afterSeq: reached.event, limit: 3 });
    const lines = await storage.list('log', { after: reached.log, limit: 3 });
    events.push(...found.map(({ id }) => id));
    logs.push(...lines.map(({ id }) => id));
    seqs.push(...found.map(({ seq }) => seq));
    reached.event = found.at(-1)?.seq ?? reached.event;
    reached.log = lines.at(-1)?.seq ?? reached.log;
    if (isLast && found.length + lines.length === 0) return { events, logs, seqs };
    isLast = isOver();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export const orderTests: StorageTests = {
  'whoever follows a feed hears each row once, in one order for all, while writes meet, are made again, and fail':
    async (first, { openSecond }) => {
      const storages = openSecond === null ? [first] : [first, await openSecond()];
      let isOver = false;
      const followers = storages.map((storage) => follow(storage, () => isOver));
      const told = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          writeAll(storages[index % storages.length] ?? first, `flow ${index % 3}`),
        ),
      );
      isOver = true;
      const heard = await Promise.all(followers);
      for (const { events, logs, seqs } of heard) {
        assert.deepEqual(events.toSorted(), told.flatMap((one) => one.events).toSorted());
        assert.deepEqual(logs.toSorted(), told.flatMap((one) => one.logs).toSorted());
        assert.ok(seqs.every((seq, index) => seq > (seqs[index - 1] ?? 0)));
        assert.deepEqual(events, heard[0]?.events);
      }
      assert.equal(Number((await first.readVariable({ name: 'shared' }))?.value), 8);
    },

  'what was rolled back leaves no row and no number that comes late: what is written next is behind the last one':
    async (storage) => {
      const before = makeEvent();
      await storage.recordEvents([{ event: before, taskRun: null }]);
      const reached = await storage.newestEventSeq();
      const broken = [makeEvent(), makeEvent({ id: 'no id' as never })];
      await assert.rejects(async () =>
        storage.changeVariable({ name: 'v' }, () => {
          throw new Error('changed my mind');
        }),
      );
      const flow = await storage.ensureFlow('sales', () => makeFlow('sales'));
      await assert.rejects(async () => storage.insertFlowRun(makeFlowRun(flow), broken));
      assert.equal(await storage.newestEventSeq(), reached);
      const next = makeEvent();
      await storage.recordEvents([{ event: next, taskRun: null }]);
      const behind = await storage.readEvents({ afterSeq: reached, limit: 10 });
      assert.deepEqual(
        behind.map(({ id }) => id),
        [next.id],
      );
      assert.ok((behind[0]?.seq ?? 0) > reached);
    },

  'a number is never given twice, although its row be deleted': async (storage) => {
    const old = Array.from({ length: 3 }, () => makeEvent({ occurred: 1 as never }));
    await storage.recordEvents(old.map((event) => ({ event, taskRun: null })));
    const reached = await storage.newestEventSeq();
    await storage.deleteEventsBefore(2 as never, 100, { now: newInstant(), givenUpBefore: newInstant() });
    await storage.writeLogs([makeLog({ timestamp: 1 as never })]);
    const line = await storage.newestLogSeq();
    await storage.deleteLogsBefore(2 as never, null, 100);
    const [event, log] = [makeEvent(), makeLog()];
    await storage.recordEvents([{ event, taskRun: null }]);
    await storage.writeLogs([log]);
    assert.deepEqual(
      (await storage.readEvents({ afterSeq: reached, limit: 10 })).map(({ id }) => id),
      [event.id],
    );
    assert.deepEqual(
      (await storage.list('log', { after: line, limit: 10 })).map(({ id }) => id),
      [log.id],
    );
  },

  'a row is known by its number and its id together, as long as it is there': async (storage) => {
    await storage.writeTaskRuns([makeRecord()], [makeLog({ timestamp: 1 as never }), makeLog()]);
    await storage.recordEvents([{ event: makeEvent(), taskRun: null }]);
    const events = await storage.readEvents({ afterSeq: 0, limit: 10 });
    assert.equal(events.length, 4);
    for (const { seq, id } of events) {
      assert.equal(await storage.hasEventAt({ seq, id }), true);
      assert.equal(await storage.hasEventAt({ seq: seq + 1, id }), false);
      assert.equal(await storage.hasEventAt({ seq, id: newId() }), false);
    }
    const [line, last] = await storage.list('log', { limit: 10 });
    assert.ok(line !== undefined && last !== undefined);
    assert.deepEqual([await storage.hasLogAt(line), await storage.hasLogAt(last)], [true, true]);
    await storage.deleteLogsBefore(2 as never, null, 10);
    assert.deepEqual([await storage.hasLogAt(line), await storage.hasLogAt(last)], [false, true]);
    assert.equal(await storage.hasLogAt({ seq: last.seq, id: newId() }), false);
  },

  'a commit of its own is told before the writer is answered; nobody is told any more who has left': async (
    storage,
  ) => {
    const heard: string[] = [];
    const leave = storage.onCommit(() => void heard.push('one'));
    const leaveToo = storage.onCommit(() => void heard.push('other'));
    await storage.recordEvents([{ event: makeEvent(), taskRun: null }]);
    assert.ok(heard.includes('one') && heard.includes('other'));
    leave();
    heard.length = 0;
    await storage.writeLogs([makeLog({ id: newId() })]);
    assert.ok(heard.length > 0 && !heard.includes('one'));
    leaveToo();
    heard.length = 0;
    await storage.recordEvents([{ event: makeEvent(), taskRun: null }]);
    assert.deepEqual(heard, []);
  },
};
