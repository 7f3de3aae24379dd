/**
 * Recorder, journal and recovery on a disk that crashes. For every seed:
 *
 * 1. What was acknowledged at `process` is in the store after a kill; what was acknowledged at `sync`, after a power
 *    loss too.
 * 2. Nothing is in the store that no process recorded, and no journal of a dead process stays.
 * 3. However often a recovery dies, the next one ends it.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Journal } from '../src/client/journal.ts';
import { recoverJournals } from '../src/client/journal-recovery.ts';
import { Recorder } from '../src/client/recorder.ts';
import type { Durability } from '../src/core/durability.ts';
import { OstinatoError } from '../src/core/errors.ts';
import type { StateId, TaskRunId } from '../src/core/ids.ts';
import { checksum } from '../src/platform/hash.ts';
import { createIdSource } from '../src/platform/ids.ts';
import { type Random, seededRandom } from '../src/platform/random.ts';
import { type CrashKind, SimulatedCrash, SimulatedDisk } from './disk.ts';
import { finish, logOf, startedRecord } from './record-samples.ts';
import { RecordStore } from './record-store.ts';
import { SteppedClock } from './stepped-clock.ts';

const SEEDS = 250;
const RECOVERIES_MAX = 50;

interface Acknowledged {
  readonly id: TaskRunId;
  readonly state: StateId;
  readonly durability: Durability;
}

class World {
  readonly random: Random;
  readonly disk: SimulatedDisk;
  readonly store = new RecordStore();
  readonly recorded = new Set<TaskRunId>();
  acknowledged: Acknowledged[] = [];
  #steps = 0;
  /** The recorder has said that the store takes nothing. */
  #isInterrupted = false;

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.disk = new SimulatedDisk(this.random);
  }

  pick(count: number): number {
    return Math.floor(this.random() * count);
  }

  /** One process: works until it crashes, or for so many steps; then it is gone. */
  async work(steps: number, crash: CrashKind): Promise<void> {
    const { life } = this.disk;
    this.#isInterrupted = false;
    const clock = new SteppedClock();
    const isAlive = (): boolean => this.disk.life === life;
    const header = { version: 1, processId: `life${life}`, pid: life, host: 'h', startMark: null, store: 's' };
    const journal = new Journal({ folder: this.disk.openFolder(), header, clock, checksum });
    const recorder = new Recorder({
      client: {
        recordTaskRuns: (records, logs) =>
          isAlive() ? this.store.recordTaskRuns(records, logs) : new Promise<void>(() => {}),
      },
      journal,
      clock,
      ids: createIdSource(),
      journalBytesMax: 2_000 + this.pick(60_000),
      flushStore: () => (isAlive() ? this.store.flush() : new Promise<void>(() => {})),
      onProblem: ({ message }) => {
        if (message.startsWith('Recording is interrupted')) this.#isInterrupted = true;
      },
      onRecovered: () => {
        this.#isInterrupted = false;
      },
    });
    this.store.turns = this.pick(3) === 0 ? 1 + this.pick(5) : 0;
    this.disk.planCrash(crash, this.pick(steps * 2));
    for (let step = 0; step < steps && isAlive(); step += 1) {
      if (this.pick(12) === 0) this.#trouble();
      this.#step(recorder, isAlive);
      if (this.pick(4) === 0) clock.advance(this.pick(60));
      for (let turn = this.pick(8); turn > 0; turn -= 1) await Promise.resolve();
    }
    this.store.failure = null;
    this.disk.capacityBytes = Number.POSITIVE_INFINITY;
    this.disk.readOnly = false;
    if (isAlive() && this.pick(2) === 0) await Promise.race([recorder.close(), turns(500)]);
    if (isAlive()) this.disk.crash(crash);
    if (crash === 'power') this.store.losePower();
  }

  #step(recorder: Recorder, isAlive: () => boolean): void {
    this.#steps += 1;
    const durability = (['process', 'process', 'sync', 'none'] as const)[this.pick(4)] as Durability;
    const record = startedRecord(this.#steps, { shape: this.pick(3), at: 1_700_000_000_000_000 + this.#steps * 100 });
    this.recorded.add(record.run.id);
    if (this.pick(2) === 0) recorder.touch(record);
    if (this.pick(3) === 0) recorder.log(logOf(this.#steps));
    finish(record, this.#steps);
    const { id, state } = record.run;
    const acknowledge = (): void => {
      if (isAlive()) this.acknowledged.push({ id, state: state.id, durability });
    };
    // Neither journal nor store took it: it waits in memory, and that was told.
    const canJournal = !this.disk.readOnly && this.disk.capacityBytes > 0;
    const answer = recorder.settle(record, durability);
    const isPromised = (): boolean => durability === 'sync' || canJournal || !this.#isInterrupted;
    if (answer !== undefined)
      void answer.then(() => {
        if (isPromised()) acknowledge();
      });
    else if (isPromised()) acknowledge();
  }

  #trouble(): void {
    this.store.failure = this.pick(2) === 0 ? null : () => new OstinatoError('store-unavailable', 'locked');
    this.disk.capacityBytes = this.pick(3) === 0 ? 0 : Number.POSITIVE_INFINITY;
    this.disk.readOnly = this.pick(6) === 0;
  }

  /** As many starts as it takes; each may die on the way. */
  async recover(): Promise<void> {
    for (let attempt = 0; attempt < RECOVERIES_MAX; attempt += 1) {
      const { life } = this.disk;
      if (attempt < RECOVERIES_MAX - 1 && this.pick(2) === 0) this.disk.planCrash('kill', this.pick(12));
      try {
        const report = await recoverJournals({
          folder: this.disk.openFolder(),
          checksum,
          self: { processId: `recovery${life}-${attempt}`, pid: 1, host: 'h', startMark: null },
          store: 's',
          isDead: () => true,
          replay: (records, logs) => (this.disk.life === life ? this.store.recordTaskRuns(records, logs) : undefined),
          flushStore: () => this.store.flush(),
        });
        this.disk.cancelCrash();
        if (report.every(({ outcome }) => outcome !== 'failed')) return;
      } catch (error) {
        if (!(error instanceof SimulatedCrash)) throw error;
      }
    }
    assert.fail('no recovery came to its end');
  }

  check(levels: readonly Durability[]): void {
    for (const { id, state, durability } of this.acknowledged) {
      if (!levels.includes(durability)) continue;
      const row = this.store.rows.get(id);
      assert.ok(row !== undefined, `${durability} step ${id} was lost`);
      assert.equal(row.newest.id, state);
      assert.ok(row.states.has(state));
    }
    for (const id of this.store.rows.keys()) assert.ok(this.recorded.has(id), `${id} was never recorded`);
    assert.deepEqual(
      this.disk.names.filter((name) => name.endsWith('.journal')),
      [],
    );
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
}

function replay(seed: number, kind: CrashKind, levels: readonly Durability[]): Promise<void> {
  const world = new World(seed);
  return (async () => {
    for (let life = 0; life < 1 + (seed % 3); life += 1) {
      await world.work(20 + world.pick(300), kind);
      await world.recover();
      world.check(levels);
    }
  })();
}

for (const [kind, levels] of [
  ['kill', ['process', 'sync']],
  ['power', ['sync']],
] as const) {
  test(`after a ${kind}, everything acknowledged at ${levels.join(' or ')} is in the store`, async () => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      try {
        await replay(seed, kind, levels);
      } catch (error) {
        throw new Error(`seed ${seed} (${kind}) fails`, { cause: error });
      }
    }
  });
}
