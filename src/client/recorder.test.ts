import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedDisk } from '../../sim/disk.ts';
import { finish, logOf, startedRecord } from '../../sim/record-samples.ts';
import { RecordStore } from '../../sim/record-store.ts';
import { SteppedClock } from '../../sim/stepped-clock.ts';
import { OstinatoError } from '../core/errors.ts';
import { checksum } from '../platform/hash.ts';
import { createIdSource } from '../platform/ids.ts';
import { seededRandom } from '../platform/random.ts';
import { Journal } from './journal.ts';
import { recoverJournals } from './journal-recovery.ts';
import { type LiveRecord, Recorder, type RecorderParts } from './recorder.ts';

const OUTAGE = new OstinatoError('store-full', 'no room', { remedy: 'Make room.' });
const turns = async (count = 50): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
};

function world(change: Partial<RecorderParts> = {}) {
  const clock = new SteppedClock();
  const disk = new SimulatedDisk(seededRandom(1));
  const store = new RecordStore();
  const problems: OstinatoError[] = [];
  const recovered: number[] = [];
  const header = { version: 1, processId: 'p', pid: 1, host: 'h', startMark: null, store: 's' };
  const journal = new Journal({ folder: disk.openFolder(), header, clock, checksum });
  const recorder = new Recorder({
    client: store,
    journal,
    clock,
    ids: createIdSource(),
    flushStore: () => store.flush(),
    onProblem: (problem) => problems.push(problem),
    onRecovered: () => recovered.push(clock.now()),
    ...change,
  });
  return { clock, disk, store, problems, recovered, recorder, journal, header };
}

function done(index: number): LiveRecord {
  const record = startedRecord(index);
  finish(record, index);
  return record;
}

test('a finished step is in the journal when its caller goes on, and in the store 20 ms later', () => {
  const { recorder, clock, store, disk } = world();
  const record = startedRecord(1);
  recorder.touch(record);
  recorder.touch(record);
  assert.equal(disk.names.length, 0);
  finish(record, 1);
  assert.equal(recorder.settle(record, 'process'), undefined);
  assert.equal(disk.names.length, 1);
  assert.equal(recorder.recordOf(record.run.id), record.run);
  clock.advance(19);
  assert.equal(store.calls, 0);
  clock.advance(1);
  assert.deepEqual(
    [store.calls, store.rows.get(record.run.id)?.states.size, record.queued, record.states.length],
    [1, 3, false, 0],
  );
  assert.equal(clock.pending, 0);
  assert.equal(recorder.recordOf(record.run.id), undefined);
});

test('a full batch goes at once, without a turn of the loop; `none` writes no journal', () => {
  const { recorder, store, disk } = world();
  for (let index = 0; index < 128; index += 1) assert.equal(recorder.settle(done(index), 'none'), undefined);
  assert.deepEqual([store.calls, store.rows.size, disk.names.length], [1, 128, 0]);
});

test('when timers starve, the age of the oldest record sends the batch', () => {
  const { recorder, store, clock } = world();
  let now = clock.now();
  clock.now = () => now;
  void recorder.settle(done(1), 'process');
  now = (now + 25_000) as typeof now;
  void recorder.settle(done(2), 'process');
  assert.equal(store.rows.size, 2);
});

test('`sync` goes on when the journal is flushed; without a journal, when the store is', async () => {
  const { recorder, disk, store } = world();
  const record = done(1);
  await recorder.settle(record, 'sync');
  disk.crash('power');
  const got: string[] = [];
  await recoverJournals({
    folder: disk.openFolder(),
    checksum,
    self: { processId: 'q', pid: 2, host: 'h', startMark: null },
    store: 's',
    isDead: () => true,
    replay: (records) => {
      got.push(...records.map(({ run }) => run.id));
    },
    flushStore: () => undefined,
  });
  assert.deepEqual([got, store.calls], [[record.run.id], 0]);
  const bare = world({ journal: null });
  await bare.recorder.settle(done(2), 'sync');
  assert.deepEqual([bare.store.rows.size, bare.store.flushes], [1, 1]);
});

test('an outage is told once; nothing is lost, and recording goes on by itself', async () => {
  const { recorder, clock, store, problems, recovered } = world();
  store.failure = () => OUTAGE;
  for (let index = 0; index < 400; index += 1) assert.equal(recorder.settle(done(index), 'process'), undefined);
  for (let wait = 0; wait < 10; wait += 1) {
    clock.advance(1000);
    await turns();
  }
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['store-full'],
  );
  assert.match(problems[0]?.message ?? '', /Recording is interrupted, the runs go on: no room/);
  store.failure = null;
  clock.advance(5000);
  await turns();
  assert.deepEqual([store.rows.size, recovered.length], [400, 1]);
  void recorder.settle(done(500), 'process');
  clock.advance(20);
  assert.equal(store.rows.size, 401);
});

test('what an outage leaves at the end is in the journal, is told, and comes back at the next start', async () => {
  const { recorder, store, disk, problems } = world();
  store.failure = () => OUTAGE;
  for (let index = 0; index < 10; index += 1) void recorder.settle(done(index), 'process');
  const running = startedRecord(50);
  recorder.touch(running);
  void recorder.settle(done(60), 'none');
  recorder.log(logOf(5));
  await recorder.close();
  assert.match(
    problems.at(-1)?.message ?? '',
    /^12 task runs are kept in simulated\/p\.\*\.journal; they are recorded at the next start\.$/,
  );
  const next = new RecordStore();
  await recoverJournals({
    folder: disk.openFolder(),
    checksum,
    self: { processId: 'q', pid: 2, host: 'h', startMark: null },
    store: 's',
    isDead: () => true,
    replay: (records, logs) => next.recordTaskRuns(records, logs),
    flushStore: () => undefined,
  });
  assert.deepEqual([next.rows.size, next.logs.size, disk.names.length], [12, 1, 0]);
});

test('when neither store nor journal take anything, the loss is told with its size', async () => {
  const { recorder, store, disk, problems } = world();
  void recorder.settle(done(0), 'process');
  store.failure = () => OUTAGE;
  disk.readOnly = true;
  for (let index = 1; index < 6; index += 1) void recorder.settle(done(index), 'process');
  await recorder.close();
  assert.match(problems.at(-1)?.message ?? '', /1 task runs are kept in .* 5 task runs could not be recorded anywhere/);
});

test('without room for the journal each step goes to the store at once', () => {
  const { recorder, store, disk, problems } = world();
  disk.capacityBytes = 0;
  for (let index = 0; index < 5; index += 1) {
    assert.equal(recorder.settle(done(index), 'process'), undefined);
    assert.equal(store.rows.size, index + 1);
  }
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['store-full'],
  );
  disk.capacityBytes = Number.POSITIVE_INFINITY;
  void recorder.settle(done(9), 'process');
  assert.deepEqual([disk.names.length, store.rows.size], [1, 5]);
});

test('a long outage moves records to the journal and reads them back', async () => {
  const { recorder, store, clock } = world();
  store.failure = () => OUTAGE;
  for (let index = 0; index < 25_000; index += 1) void recorder.settle(done(index), 'none');
  for (let index = 0; index < 100; index += 1) recorder.log(logOf(index));
  store.failure = null;
  clock.advance(5000);
  await turns(2000);
  assert.deepEqual([store.rows.size, store.logs.size], [25_000, 100]);
  await recorder.close();
});

test('with memory full and no journal the run waits instead of losing steps', async () => {
  const { recorder, store, clock } = world({ journal: null });
  store.failure = () => OUTAGE;
  let waiting: Promise<void> | undefined;
  let index = 0;
  while (waiting === undefined && index < 30_000)
    waiting = recorder.settle(done((index += 1)), 'process') as Promise<void> | undefined;
  assert.ok(index >= 20_000 && waiting !== undefined);
  assert.equal(clock.pending, 1);
  store.failure = null;
  clock.advance(5000);
  await waiting;
  await turns();
  assert.equal(store.rows.size, index);
});

test('a record that the store refuses is told and kept aside; the others are recorded', async () => {
  const { recorder, store, problems, disk, clock } = world();
  store.failure = (records) => (records.some(({ run }) => run.dynamicKey === '3') ? new TypeError('poison') : null);
  for (let index = 0; index < 8; index += 1) void recorder.settle(done(index), 'process');
  clock.advance(20);
  assert.equal(store.rows.size, 7);
  assert.match(problems[0]?.message ?? '', /refused a record: poison/);
  await recorder.close();
  assert.equal(disk.names.length, 1);
});

test('an asynchronous client is kept busy, and callers wait when it falls behind', async () => {
  const { recorder, store } = world();
  store.turns = 20;
  let waits = 0;
  for (let index = 0; index < 2000; index += 1) {
    const answer = recorder.settle(done(index), 'process');
    if (answer === undefined) continue;
    waits += 1;
    await answer;
  }
  await recorder.flush();
  assert.equal(store.rows.size, 2000);
  assert.ok(waits > 0 && waits < 40, `${waits} waits`);
  await recorder.close();
});

test('the journal is replaced while it grows, and removed at the end', async () => {
  for (const answerTurns of [0, 3]) {
    const { recorder, store, disk } = world();
    store.turns = answerTurns;
    const files = new Set<string>();
    for (let index = 0; index < 30_000; index += 1) {
      await recorder.settle(done(index), 'process');
      for (const name of disk.names) files.add(name);
      assert.ok(disk.names.length <= 2);
    }
    assert.ok(files.size >= 3 && store.flushes >= 2, `${files.size} files`);
    await recorder.close();
    assert.deepEqual([store.rows.size, disk.names], [30_000, []]);
    await recorder.close();
  }
});

test('logs never throw or wait; what is dropped is said; those of a finished step are in its journal', async () => {
  const { recorder, store, clock, disk } = world();
  recorder.log(logOf(1));
  void recorder.settle(done(1), 'process');
  const logs: string[] = [];
  await recoverJournals({
    folder: disk.openFolder(),
    checksum,
    self: { processId: 'q', pid: 2, host: 'h', startMark: null },
    store: 's',
    isDead: () => true,
    replay: (_, found) => {
      logs.push(...found.map(({ id }) => id));
    },
    flushStore: () => undefined,
  });
  assert.deepEqual(logs, [logOf(1).id]);
  store.failure = () => OUTAGE;
  for (let index = 10; index < 30_000; index += 1) recorder.log(logOf(index));
  store.failure = null;
  for (let wait = 0; wait < 5; wait += 1) {
    clock.advance(5000);
    await turns(500);
  }
  assert.ok(store.logs.size > 9_000 && store.logs.size < 12_500, String(store.logs.size));
  await recorder.close();
});

test('a listener that throws harms nobody', async () => {
  const { recorder, store } = world({
    onProblem: () => {
      throw new Error('listener');
    },
  });
  store.failure = () => OUTAGE;
  void recorder.settle(done(1), 'process');
  await recorder.flush();
  await recorder.close();
});
