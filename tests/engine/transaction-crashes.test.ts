/**
 * Transactions whose process ends at every point where it says or records something, and at several of them in one run.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../src/platform/random.ts';
import { createTestWorld, type TestWorld } from '../../src/testing.ts';
import { brokenPromises, defineSaga, type Witness } from './fixtures/saga.ts';

/**
 * Ends the process of the world at the point with this number: points are lines of the witness and records, before and
 * after.
 */
class Executioner implements Witness {
  readonly lines: (readonly string[])[] = [];
  readonly #world: TestWorld;
  #tokens = 0;
  #points = 0;
  #dieAt = Infinity;

  constructor(world: TestWorld) {
    this.#world = world;
  }

  get points(): number {
    return this.#points;
  }

  /** For the process that lives now. */
  watch(dieAt: number): void {
    this.#points = 0;
    this.#dieAt = dieAt;
    const { recorder } = this.#world.process.ports;
    const settle = recorder.settle.bind(recorder);
    recorder.settle = (record, durability) => {
      if (this.#passes()) return new Promise<never>(() => {});
      const settled = settle(record, durability);
      return this.#passes() ? new Promise<never>(() => {}) : settled;
    };
  }

  readonly token = (): string => String((this.#tokens += 1));

  readonly say = (...words: readonly string[]): void | Promise<void> => {
    if (this.#passes()) return new Promise<never>(() => {});
    this.lines.push(words);
    return this.#passes() ? new Promise<never>(() => {}) : undefined;
  };

  /** Answers whether the process is over. */
  #passes(): boolean {
    if (!this.#world.process.alive) return true;
    this.#points += 1;
    if (this.#points < this.#dieAt) return false;
    this.#world.crash();
    return true;
  }
}

/** Runs the saga to its end through these deaths. Answers the points that its last process passed. */
async function live(dieAt: readonly number[]): Promise<number> {
  await using world = await createTestWorld();
  const executioner = new Executioner(world);
  const saga = defineSaga(executioner);
  for (let life = 0; ; life += 1) {
    executioner.watch(dieAt[life] ?? Infinity);
    const outcome = await (life === 0 ? world.run(() => saga({ job: 'j' })) : world.retry(saga)).catch(
      (error: unknown) => error,
    );
    if (outcome === 'j') break;
    assert.ok(!world.process.alive, String((outcome as Error).stack));
    executioner.lines.push(['killed']);
    world.restart();
    // A process that ended before its run was known leaves nothing to continue.
    if ((await world.flowRuns({ flowName: 'saga' })).length === 0) return live(dieAt.slice(life + 1));
  }
  assert.deepEqual(
    brokenPromises(executioner.lines),
    [],
    `deaths at ${dieAt.join(', ')}\n${executioner.lines.map((words) => words.join(' ')).join('\n')}`,
  );
  return executioner.points;
}

test('killed at any point of its life, a saga ends as one that nobody killed', async () => {
  const points = await live([]);
  assert.ok(points > 150, `${points} points`);
  for (let point = 1; point <= points; point += 1) await live([point]);
});

test('killed several times, also while an earlier end is finished', async () => {
  const seed = Number(process.env['KILL_SEED'] ?? Math.floor(Math.random() * 1e9));
  const random = seededRandom(seed);
  for (let round = 0; round < 100; round += 1) {
    const deaths = Array.from(
      { length: 2 + Math.floor(random() * 4) },
      (_, index) => 1 + Math.floor(random() * (index === 0 ? 250 : 80)),
    );
    await live(deaths).catch((error: unknown) => {
      throw new Error(`KILL_SEED=${seed}, round ${round}: ${String((error as Error).message)}`, { cause: error });
    });
  }
});
