import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { makeEvent } from '../../tests/conformance/samples.ts';
import { OstinatoError } from '../core/errors.ts';
import type { Instant } from '../core/time.ts';
import type { EventReport } from '../store/port/events.ts';
import { EventBatches } from './event-batches.ts';

const clock = {
  now: () => 0 as Instant,
  setTimer: (_delayMs: number, callback: () => void) => {
    queueMicrotask(callback);
    return { cancel: () => undefined };
  },
};

function report(name: string): EventReport {
  return { event: makeEvent({ name }), taskRun: null };
}

/** Writes what it is given, unless `fails` throws. */
function batchesOver(fails: (names: readonly string[]) => void) {
  const written: string[][] = [];
  const storage = {
    async recordEvents(reports: readonly EventReport[]) {
      const names = reports.map(({ event }) => event.name);
      fails(names);
      written.push(names);
      return names.map(() => true);
    },
  };
  const notices: string[] = [];
  const batches = new EventBatches(storage, clock, (message) => notices.push(message));
  const record = (name: string): Promise<void> =>
    new Promise((resolve, reject) =>
      batches.record(report(name), (error) => (error === null ? resolve() : reject(error as Error))),
    );
  return { written, notices, batches, record };
}

void describe('batches of events', () => {
  void it('what comes while one is written shares the next', async () => {
    const { written, record } = batchesOver(() => undefined);
    await Promise.all([record('a'), record('b')]);
    await record('c');
    await Promise.all(Array.from({ length: 600 }, () => record('d')));
    assert.deepEqual(
      written.map(({ length }) => length),
      [2, 1, 512, 88],
    );
  });

  void it('an event that cannot be written does not take the others with it', async () => {
    const { written, record } = batchesOver((names) => {
      if (names.includes('bad')) throw new OstinatoError('bad-input', 'no');
    });
    const outcomes = await Promise.allSettled(['a', 'bad', 'b'].map((name) => record(name)));
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(written, [['a'], ['b']]);
  });

  void it('everything waits for a database that takes nothing, and it is told once', async () => {
    let failures = 2;
    const { written, notices, record } = batchesOver(() => {
      if (failures-- > 0) throw new OstinatoError('store-unavailable', 'busy');
    });
    await record('a');
    assert.deepEqual([written, notices], [[['a']], []]);
    failures = 100;
    await Promise.all([record('b'), record('c')]);
    assert.deepEqual(written, [['a'], ['b', 'c']]);
    assert.deepEqual(notices, ['Events wait, and their clients with them: busy ', 'Events are written again.']);
  });

  void it('closing does not wait for a database that takes nothing', async () => {
    const { written, notices, batches, record } = batchesOver(() => {
      throw new OstinatoError('store-full', 'full');
    });
    const outcomes = Promise.allSettled(Array.from({ length: 1000 }, () => record('a')));
    await batches.close();
    assert.deepEqual([...new Set((await outcomes).map(({ status }) => status))], ['rejected']);
    assert.deepEqual(written, []);
    assert.deepEqual(
      notices.filter((notice) => notice.includes('not written')),
      ['1000 events were not written; clients that are still there send them again: full'],
    );
  });
});
