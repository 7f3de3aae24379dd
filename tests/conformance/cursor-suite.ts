import assert from 'node:assert/strict';
import type { OutboxEvent } from '../../src/core/event.ts';
import { addSeconds, type Instant } from '../../src/core/time.ts';
import type { Storage } from '../../src/store/port.ts';
import type { CursorBatch } from '../../src/store/port/cursors.ts';
import { makeEvent, newInstant } from './samples.ts';
import { tellings } from './storage-process.ts';
import type { StorageTests } from './storage-under-test.ts';

const NAME = 'automations';

async function record(storage: Storage, ...events: readonly OutboxEvent[]): Promise<void> {
  await storage.recordEvents(events.map((event) => ({ event, taskRun: null })));
}

function named(...names: readonly string[]): readonly OutboxEvent[] {
  return names.map((name) => makeEvent({ name }));
}

/** One step, which only looks. */
async function step(storage: Storage, limit = 100, through?: number): Promise<CursorBatch | null> {
  const found = await storage.advanceCursor(NAME, { limit, now: newInstant() }, (batch) => ({
    answer: batch,
    ...(through === undefined ? {} : { through }),
  }));
  return found === null ? null : found.answer;
}

function namesIn(batch: CursorBatch | null): readonly string[] {
  return batch?.events.map(({ name }) => name) ?? [];
}

export const cursorTests: StorageTests = {
  'a cursor hands events over in the order of commits, each until a step is committed': async (storage) => {
    await record(storage, ...named('before'));
    const made = await storage.ensureCursor(NAME, 'newest', 5 as Instant);
    assert.deepEqual(made, { name: NAME, seq: await storage.newestEventSeq(), movedAt: 5, missedThrough: null });
    assert.deepEqual(await storage.ensureCursor(NAME, 'oldest', 9 as Instant), made);
    assert.equal(await step(storage), null);
    await record(storage, ...named('a', 'b'));
    await record(storage, ...named('c', 'd'));
    await assert.rejects(async () =>
      storage.advanceCursor(NAME, { limit: 3, now: newInstant() }, () => {
        throw new Error('not yet');
      }),
    );
    const batch = await step(storage, 3);
    assert.deepEqual(namesIn(batch), ['a', 'b', 'c']);
    assert.equal(batch?.missedThrough, null);
    assert.deepEqual(namesIn(await step(storage)), ['d']);
    assert.equal(await step(storage), null);
    assert.equal((await storage.listCursors())[0]?.seq, await storage.newestEventSeq());
  },

  'a cursor that is made for all begins with the oldest; one that is done with a part goes on behind that': async (
    storage,
  ) => {
    await record(storage, ...named('a', 'b', 'c'));
    await storage.ensureCursor(NAME, 'oldest', newInstant());
    const [first] = await storage.readEvents({ afterSeq: 0, limit: 1 });
    assert.deepEqual(namesIn(await step(storage, 100, first?.seq)), ['a', 'b', 'c']);
    assert.deepEqual(namesIn(await step(storage)), ['b', 'c']);
    await record(storage, ...named('d'));
    await assert.rejects(step(storage, 100, (await storage.newestEventSeq()) + 1), /within its batch/);
    assert.deepEqual(namesIn(await step(storage)), ['d']);
  },

  'what a consumer writes and its cursor are committed together': async (storage) => {
    await storage.ensureCursor(NAME, 'oldest', newInstant());
    await record(storage, ...named('a'));
    const at = { limit: 10, now: newInstant() };
    const broken = makeEvent({ id: 'no id' as never });
    await assert.rejects(async () =>
      storage.advanceCursor(NAME, at, () => ({ events: [...named('lost'), broken], answer: null })),
    );
    const [told] = named('told') as [OutboxEvent];
    assert.deepEqual(await storage.advanceCursor(NAME, at, () => ({ events: [told], answer: 'done' })), {
      answer: 'done',
    });
    assert.deepEqual(namesIn(await step(storage)), ['told']);
    assert.deepEqual(
      (await storage.readEvents({ afterSeq: 0, limit: 10 })).map(({ name }) => name),
      ['a', 'told'],
    );
  },

  'two consumers with one name make of each event exactly once, while others write': async (first, { openSecond }) => {
    const storages = openSecond === null ? [first] : [first, await openSecond()];
    await first.ensureCursor(NAME, 'oldest', newInstant());
    let isWriting = true;
    const consume = async (storage: Storage): Promise<void> => {
      for (;;) {
        const isLast = !isWriting;
        const found = await storage.advanceCursor(NAME, { limit: 3, now: newInstant() }, (batch) => ({
          events: tellings(batch),
          answer: null,
        }));
        if (found === null && isLast) return;
        if (found === null) await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const consuming = Promise.all([...storages, ...storages].map(consume));
    const written: string[] = [];
    await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const events = named('a', 'b');
        written.push(...events.map(({ id }) => id));
        await record(storages[index % storages.length] ?? first, ...events);
      }),
    );
    isWriting = false;
    await consuming;
    const told = (await first.readEvents({ afterSeq: 0, limit: 1000 })).filter(({ name }) => name === 'told');
    assert.deepEqual(
      told.map(({ payload }) => (JSON.parse(payload ?? '') as { readonly of: string }).of).toSorted(),
      written.toSorted(),
    );
  },

  'a consumer that begins anew after a restart goes on where its last step ended': async (first, { openSecond }) => {
    await first.ensureCursor(NAME, 'oldest', newInstant());
    await record(first, ...named('a', 'b', 'c'));
    assert.deepEqual(namesIn(await step(first, 1)), ['a']);
    // It dies in the middle of a step.
    await assert.rejects(async () =>
      first.advanceCursor(NAME, { limit: 1, now: newInstant() }, () => {
        throw new Error('killed');
      }),
    );
    if (openSecond !== null) await first.close();
    const second = openSecond === null ? first : await openSecond();
    await second.ensureCursor(NAME, 'newest', newInstant());
    await record(second, ...named('d'));
    assert.deepEqual(namesIn(await step(second)), ['b', 'c', 'd']);
  },

  'old events wait for a cursor that has not passed them; one that stands still for too long is told what it misses':
    async (storage) => {
      const old = named('a', 'b', 'c').map((event) => ({ ...event, occurred: 1 as Instant }));
      await storage.ensureCursor(NAME, 'oldest', newInstant());
      await storage.ensureCursor('other', 'oldest', newInstant());
      await record(storage, ...old, ...named('new'));
      const seqs = (await storage.readEvents({ afterSeq: 0, limit: 10 })).map(({ seq }) => seq);
      const now = newInstant();
      const remove = async (seconds: number): Promise<number> =>
        await storage.deleteEventsBefore(2 as Instant, 100, {
          now: addSeconds(now, seconds),
          givenUpBefore: addSeconds(now, seconds - 60),
        });
      const left = async (): Promise<readonly string[]> =>
        (await storage.readEvents({ afterSeq: 0, limit: 10 })).map(({ name }) => name);
      assert.deepEqual([await remove(0), await left()], [0, ['a', 'b', 'c', 'new']]);
      assert.deepEqual(namesIn(await step(storage, 2)), ['a', 'b']);
      assert.equal(await remove(10), 0, 'the other one has passed none');
      const through = { through: seqs[0] ?? 0, answer: null };
      await storage.advanceCursor('other', { limit: 10, now }, () => through);
      assert.deepEqual([await remove(50), await left()], [1, ['b', 'c', 'new']]);
      // Both hold: since 10, and since 50, when what they had not passed was old for the first time since they moved.
      assert.equal(await remove(69), 0);
      assert.deepEqual([await remove(111), await left()], [2, ['new']]);
      const batch = await step(storage);
      assert.deepEqual([namesIn(batch), batch?.missedThrough], [['new'], seqs[2]]);
      assert.equal(await step(storage), null, 'it is told until a step is committed');
      assert.deepEqual(
        (await storage.listCursors()).map(({ name, missedThrough }) => [name, missedThrough]),
        [
          [NAME, null],
          ['other', seqs[2]],
        ],
      );
      assert.equal(await storage.deleteCursor('other'), true);
    },

  'there is no step without a cursor, and no cursor without a name': async (storage) => {
    await assert.rejects(
      async () => storage.advanceCursor(NAME, { limit: 1, now: newInstant() }, () => ({ answer: 1 })),
      { code: 'not-found' },
    );
    for (const name of ['', 'x'.repeat(201)])
      await assert.rejects(async () => storage.ensureCursor(name, 'oldest', newInstant()), { code: 'bad-input' });
    assert.equal(await storage.deleteCursor(NAME), false);
    assert.deepEqual(await storage.listCursors(), []);
  },
};
