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
  return { written, batches: new EventBatches(storage, clock) };
}

void describe('batches of events', () => {
  void it('what comes while one is written shares the next', async () => {
    const { written, batches } = batchesOver(() => undefined);
    await Promise.all([batches.record(report('a')), batches.record(report('b'))]);
    await batches.record(report('c'));
    await Promise.all(Array.from({ length: 300 }, () => batches.record(report('d'))));
    assert.deepEqual(written.map(({ length }) => length), [2, 1, 256, 44]);
  });

  void it('an event that cannot be written does not take the others with it', async () => {
    const { written, batches } = batchesOver((names) => {
      if (names.includes('bad')) throw new OstinatoError('bad-input', 'no');
    });
    const outcomes = await Promise.allSettled(['a', 'bad', 'b'].map((name) => batches.record(report(name))));
    assert.deepEqual(outcomes.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled']);
    assert.deepEqual(written, [['a'], ['b']]);
  });

  void it('a database that is busy is tried again, one that stays so is told', async () => {
    let failures = 2;
    const { written, batches } = batchesOver(() => {
      if (failures-- > 0) throw new OstinatoError('store-unavailable', 'busy');
    });
    await batches.record(report('a'));
    assert.deepEqual(written, [['a']]);
    failures = 1000;
    await assert.rejects(batches.record(report('b')), { code: 'store-unavailable' });
    await batches.drain();
  });
});
