/** Kills processes that run sagas, starts them again, and counts what their hooks did. */
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

import { seededRandom } from '../../src/platform/random.ts';
import { brokenPromises } from '../engine/fixtures/saga.ts';
import { liveAs, readHome, sizeOf } from './kill-child.ts';
import { ROOT } from './launch.ts';

/** After so many attempts a run is not continued by itself any more (see `auto-resume.ts`). */
const KILLS_A_JOB_MAX = 4;
/** Points that one saga passes, and some more: then it is the next one's turn. */
const POINTS_MAX = 700;
/** Bytes that one saga says. */
const WITNESS_BYTES_MAX = 3_000;
/** A process that is not killed ends by itself; more jobs than this never get their turn. */
const JOBS = 1_000;

/**
 * `points`: it kills itself at a point that is drawn. `times`: it is killed from outside, some time after it has said
 * so much.
 */
export type KillWay = 'points' | 'times';

export async function killSagas(kills: number, way: KillWay): Promise<void> {
  const seed = Number(process.env['KILL_SEED'] ?? Math.floor(Math.random() * 1e9));
  const random = seededRandom(seed);
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-sagas-'));
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const home = join(folder, 'home');
  const witnessOf = (job: number): string => join(folder, `${job}.witness`);
  const linesOf = (job: number): readonly string[] =>
    existsSync(witnessOf(job)) ? readFileSync(witnessOf(job), 'utf8').split('\n').slice(0, -1) : [];
  let job = 0;
  let killed = 0;
  let isOver = false;
  while (!isOver) {
    // The last life is spared, whatever was said before: a run may have begun that has not said anything yet.
    const isLast = killed >= kills;
    const isSpared = isLast || linesOf(job).filter((line) => line === 'killed').length >= KILLS_A_JOB_MAX;
    const growth = sizeOf(witnessOf(job)) + random() * WITNESS_BYTES_MAX;
    const delayMs = random() * 4;
    const point = way === 'points' && !isSpared ? 1 + Math.floor(random() ** 1.5 * POINTS_MAX) : Infinity;
    let grownAt: number | null = null;
    const dies = (): boolean => {
      if (way === 'points' || isSpared) return false;
      if (sizeOf(witnessOf(job)) >= growth || sizeOf(witnessOf(job + 1)) > 0) grownAt ??= performance.now();
      return grownAt !== null && performance.now() - grownAt >= delayMs;
    };
    const life = await liveAs(
      [join(ROOT, 'tests', 'journeys', 'saga-program.ts')],
      home,
      {
        NODE_COMPILE_CACHE: join(folder, 'compiled'),
        KILL_FOLDER: folder,
        KILL_POINT: String(point),
        KILL_JOBS: String(isSpared ? job + 1 : Math.min(job + 3, JOBS)),
      },
      dies,
    );
    if (!life.wasKilled) assert.equal(life.exitCode, 0, `KILL_SEED=${seed}, job ${job}: ${life.stderr}`);
    while (linesOf(job).at(-1) === 'done') {
      check(linesOf(job), `KILL_SEED=${seed}, job ${job}`);
      job += 1;
    }
    isOver = isLast;
    if (!life.wasKilled) continue;
    killed += 1;
    if (existsSync(witnessOf(job))) appendFileSync(witnessOf(job), 'killed\n');
  }
  assert.ok(killed >= kills, `${killed} kills`);
  const { integrity, flowRuns, openTaskRuns } = readHome(home);
  assert.equal(integrity, 'ok');
  assert.equal(openTaskRuns, 0);
  for (const { state, name, id } of flowRuns) assert.equal(state, 'Completed', `${name} ${id}`);
  assert.equal(
    flowRuns.filter(({ name }) => name === 'saga').length,
    job,
    'one run a job, however often it was killed',
  );
}

function check(lines: readonly string[], what: string): void {
  assert.deepEqual(
    brokenPromises(lines.filter((line) => line !== 'done').map((line) => line.split(' '))),
    [],
    `${what}\n${lines.join('\n')}`,
  );
}
