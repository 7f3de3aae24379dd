import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedDisk } from '../../sim/disk.ts';
import type { LogRecord } from '../core/log.ts';
import type { TaskRunRecord } from '../core/task-run.ts';
import type { Clock } from '../core/time.ts';
import { createClock } from '../platform/clock.ts';
import { checksum } from '../platform/hash.ts';
import { seededRandom } from '../platform/random.ts';
import { Journal } from './journal.ts';
import { FrameBuffer, readFrames } from './journal-frames.ts';
import type { JournalHeader } from './journal-payload.ts';
import { JournalReader } from './journal-reader.ts';
import { recoverJournals, type RecoverJournals } from './journal-recovery.ts';
import { finishedRecord, logOf } from '../../sim/record-samples.ts';

const clock: Clock = createClock();
const header = (processId: string, change: Partial<JournalHeader> = {}): JournalHeader => ({
  version: 1,
  processId,
  pid: 7,
  host: 'h.local~x',
  startMark: 'b.1.2',
  store: 'sqlite:/db',
  ...change,
});
const open = (disk: SimulatedDisk, about = header('p1')): Journal =>
  new Journal({ folder: disk.openFolder(), header: about, clock, checksum });
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

function readAll(
  disk: SimulatedDisk,
  name: string,
): { records: TaskRunRecord[]; logs: LogRecord[]; end: string; header: JournalHeader | null } {
  const reader = new JournalReader(disk.openFolder(), name, checksum);
  const records: TaskRunRecord[] = [];
  const logs: LogRecord[] = [];
  for (let batch = reader.next(7); batch !== null; batch = reader.next(7)) {
    records.push(...batch.records);
    logs.push(...batch.logs);
  }
  return { records, logs, end: reader.end, header: reader.header };
}

test('frames of any size come back; a cut or a wrong byte ends the reading at the frame before', () => {
  const frames = new FrameBuffer(checksum);
  const payloads = ['a', 'ü€😀'.repeat(50), 'x'.repeat(200_000), '€'.repeat(70_000), '{}'];
  for (const payload of payloads) frames.add(payload);
  const bytes = frames.take().slice();
  assert.deepEqual(readFrames(bytes, checksum).payloads, payloads);
  const random = seededRandom(3);
  for (let round = 0; round < 200; round += 1) {
    const at = Math.floor(random() * bytes.length);
    const cut = readFrames(bytes.subarray(0, at), checksum);
    assert.ok(cut.consumed <= at && cut.end !== 'corrupt');
    assert.deepEqual(cut.payloads, payloads.slice(0, cut.payloads.length));
    const bent = bytes.slice();
    bent[at] = (bent[at] ?? 0) ^ 0x10;
    const read = readFrames(bent, checksum);
    assert.notEqual(read.end, 'complete');
    assert.deepEqual(read.payloads, payloads.slice(0, read.payloads.length));
  }
  assert.equal(readFrames(new Uint8Array(64), checksum).end, 'corrupt');
  assert.deepEqual(frames.take().length, 0);
});

test('records come back as they were written, whatever their states', () => {
  const disk = new SimulatedDisk(seededRandom(1));
  const journal = open(disk);
  const written = Array.from({ length: 40 }, (_, index) => finishedRecord(index, { shape: index % 3 }));
  for (const [index, record] of written.entries())
    journal.append(record, index % 10 === 0 ? [logOf(index)] : undefined);
  const bare = { run: finishedRecord(99).run, states: [] };
  journal.append(bare);
  const [name = ''] = journal.names;
  const read = readAll(disk, name);
  assert.deepEqual(plain(read.records), plain([...written, bare]));
  assert.deepEqual(read.logs.length, 4);
  assert.deepEqual([read.end, read.header], ['complete', header('p1')]);
  assert.deepEqual(
    [...journal.read(1000)].flatMap(({ records }) => records.map(({ run }) => run.id)),
    [...written, bare].map(({ run }) => run.id),
  );
});

test('each file is readable by itself, and files go when they are dropped', () => {
  const disk = new SimulatedDisk(seededRandom(1));
  const journal = open(disk);
  journal.append(finishedRecord(1));
  journal.rotate();
  journal.append(finishedRecord(2));
  assert.equal(disk.names.length, 2);
  for (const name of disk.names) assert.equal(readAll(disk, name).records.length, 1);
  journal.dropFinished();
  assert.equal(disk.names.length, 1);
  journal.close();
});

test('a failed append writes nothing: what comes after it is readable', () => {
  const disk = new SimulatedDisk(seededRandom(1));
  const journal = open(disk);
  journal.append(finishedRecord(1, { shape: 1 }));
  disk.capacityBytes = 0;
  assert.throws(() => journal.append(finishedRecord(2, { shape: 2 })), { code: 'store-full' });
  disk.capacityBytes = Number.POSITIVE_INFINITY;
  journal.append(finishedRecord(3, { shape: 2 }));
  assert.deepEqual(
    readAll(disk, disk.names[0] ?? '').records.map(({ run }) => run.dynamicKey),
    ['1', '3'],
  );
});

function recovery(
  disk: SimulatedDisk,
  change: Partial<RecoverJournals> = {},
): { request: RecoverJournals; got: string[] } {
  const got: string[] = [];
  const request: RecoverJournals = {
    folder: disk.openFolder(),
    checksum,
    self: { processId: 'me', pid: 1, host: 'h', startMark: null },
    store: 'sqlite:/db',
    isDead: () => true,
    replay: (records) => {
      got.push(...records.map(({ run }) => run.dynamicKey));
    },
    flushStore: () => undefined,
    ...change,
  };
  return { request, got };
}

test('journals of the dead are replayed and removed; those of the living and of other stores stay', async () => {
  const disk = new SimulatedDisk(seededRandom(1));
  open(disk, header('dead')).append(finishedRecord(1));
  open(disk, header('alive', { pid: 8 })).append(finishedRecord(2));
  open(disk, header('other', { store: 'sqlite:/other' })).append(finishedRecord(3));
  open(disk, header('future', { version: 99 })).append(finishedRecord(4));
  const { request, got } = recovery(disk, { isDead: ({ pid }) => pid === 7 });
  const report = await recoverJournals(request);
  assert.deepEqual(got, ['1']);
  // That of a later version is told, and left to it.
  assert.deepEqual(
    report.map(({ outcome, records }) => [outcome, records]),
    [
      ['recovered', 1],
      ['failed', 0],
    ],
  );
  assert.deepEqual(disk.names, ['alive.000000.journal', 'future.000000.journal', 'other.000000.journal']);
});

test('what a process was about to name when it died goes once the process is dead', async () => {
  for (const kept of [0, 9, 60]) {
    const disk = new SimulatedDisk(seededRandom(kept));
    const folder = disk.openFolder();
    const about = header('p1');
    open(
      {
        openFolder: () => ({
          ...folder,
          create: (_, head, draft) => folder.create(draft, head.slice(0, kept), 'draft'),
        }),
      } as SimulatedDisk,
      about,
    ).append(finishedRecord(1));
    assert.match(disk.names.join(), /^p1\.000000~p1~7~h%2Elocal%7Ex~b%2E1%2E2\.journal$/);
    await recoverJournals(recovery(disk, { isDead: () => false }).request);
    assert.equal(disk.names.length, 1, 'its maker is at work');
    const { request } = recovery(disk, {
      isDead: (owner) => {
        assert.deepEqual(owner, { processId: 'p1', pid: 7, host: 'h.local~x', startMark: 'b.1.2' });
        return true;
      },
    });
    await recoverJournals(request);
    assert.deepEqual(disk.names, []);
  }
});

test('a recovery that died half-way is taken over, once its process is dead', async () => {
  const disk = new SimulatedDisk(seededRandom(1));
  open(disk).append(finishedRecord(1));
  const { request: first } = recovery(disk, {
    self: { processId: 'first', pid: 50, host: 'h.local~x', startMark: 'a.b~c' },
    replay: () => {
      throw Object.assign(new Error('locked'), { code: 'ERR_LOCKED' });
    },
  });
  assert.equal((await recoverJournals(first))[0]?.outcome, 'failed');
  const { request: early } = recovery(disk, { isDead: ({ pid }) => pid !== 50 });
  assert.deepEqual(await recoverJournals(early), []);
  const { request, got } = recovery(disk, {
    isDead: (owner) => {
      assert.deepEqual(owner, first.self);
      return true;
    },
  });
  await recoverJournals(request);
  assert.deepEqual([got, disk.names], [['1'], []]);
});

test('damage is reported and set aside, with all that could be read before it', async () => {
  const disk = new SimulatedDisk(seededRandom(1));
  const folder = disk.openFolder();
  folder
    .create('unknown.000000.journal', new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9]), 'draft')
    .append(new Uint8Array(100));
  folder.create('empty.000000.journal', new Uint8Array(0), 'draft');
  const frames = new FrameBuffer(checksum);
  const journal = open(disk, header('cut'));
  for (const index of [1, 2]) journal.append(finishedRecord(index));
  const whole = folder.read('cut.000000.journal', 0, 1e6) ?? new Uint8Array();
  folder.create('cut.000000.journal', whole.slice(0, -5), 'draft');
  folder.create('bent.000000.journal', whole.slice(), 'draft').append((frames.add('["?"]'), frames.take().slice()));
  const { request, got } = recovery(disk);
  const report = await recoverJournals(request);
  assert.deepEqual(
    report.map(({ name, outcome, records }) => [name.slice(0, 4), outcome, records]),
    [
      ['bent', 'damaged', 2],
      ['cut.', 'recovered', 1],
      ['unkn', 'damaged', 0],
    ],
  );
  assert.deepEqual(got, ['1', '2', '1']);
  assert.deepEqual(disk.names, ['bent.000000.damaged', 'unknown.000000.damaged']);
});

test('a record that the store refuses does not keep the others from it', async () => {
  const disk = new SimulatedDisk(seededRandom(1));
  const journal = open(disk);
  for (let index = 0; index < 20; index += 1) journal.append(finishedRecord(index));
  const got: string[] = [];
  const { request } = recovery(disk, {
    replay: (records) => {
      if (records.some(({ run }) => run.dynamicKey === '13')) throw new Error('poison');
      got.push(...records.map(({ run }) => run.dynamicKey));
    },
  });
  const [found] = await recoverJournals(request);
  assert.equal(found?.outcome, 'damaged');
  assert.match(found?.message ?? '', /1 of its records were refused.*poison/);
  assert.equal(got.length, 19);
});
