/**
 * `kill -9` at random points of a real flow: nothing that was promised is lost, nothing finished runs twice, the result
 * is right.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';

import { DURABILITIES, type Durability } from '../../src/core/durability.ts';
import { seededRandom } from '../../src/platform/random.ts';
import {
  afterGrowth,
  brokenPromises,
  liveAs,
  placeIn,
  readEffects,
  readHome,
  sizeOf,
  type HomeReport,
  type KillPlace,
  type Life,
} from './kill-child.ts';
import { LAUNCHER, ROOT } from './launch.ts';

const PROGRAM = join(ROOT, 'tests', 'journeys', 'kill-program.ts');
/** Three levels, two runs each, six kills a run: 36 kills, if the runs last for them. */
const RUNS = 2;
const KILLS_A_RUN = 6;
/** After so many attempts a run is not continued by itself any more (see `auto-resume.ts`), only by hand. */
const ATTEMPTS_BY_ITSELF_MAX = 4;
/**
 * Bytes that the effects file of an undisturbed run has, at least (with short process ids); each continued run says
 * some of it again.
 */
const EFFECT_BYTES = 2_300;
/** Kills come anywhere, also in what is done after the last effect. */
const GROWTH_BYTES_MAX = 570;
/**
 * A process that goes on for so long behind the place of its death waits for it: a busy machine kills late, but does
 * kill.
 */
const LATE_BYTES_MAX = 150;
const LINE_BYTES_MAX = 40;
/** However slow the killer: before a run is through it has died so often. */
const KILLS_A_RUN_MIN = Math.floor(EFFECT_BYTES / (GROWTH_BYTES_MAX + LATE_BYTES_MAX + LINE_BYTES_MAX));

const seed = Number(process.env['KILL_SEED'] ?? Math.floor(Math.random() * 1e9));
const random = seededRandom(seed);
const folder = mkdtempSync(join(tmpdir(), 'ostinato-kill-'));
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

function newPlace(name: string): KillPlace {
  const own = join(folder, name);
  mkdirSync(own);
  return placeIn(own);
}

/** The same program again, which continues the run by itself, or the command line. */
function waysOn({ home }: KillPlace): readonly string[] {
  const run = existsSync(join(home, 'ostinato.db'))
    ? readHome(home).flowRuns.find(({ name }) => name === 'unkillable')
    : undefined;
  const byHand = run !== undefined && (run.runCount >= ATTEMPTS_BY_ITSELF_MAX || random() < 0.5);
  return byHand
    ? [LAUNCHER, 'flow-run', 'retry', run.id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')]
    : [PROGRAM];
}

function start(
  place: KillPlace,
  durability: Durability,
  words: readonly string[],
  waitAt: number,
  shouldDie: () => boolean,
): Promise<Life> {
  const { home, effects, result } = place;
  return liveAs(
    words,
    home,
    { KILL_EFFECTS: effects, KILL_RESULT: result, KILL_DURABILITY: durability, KILL_WAIT_AT: String(waitAt) },
    shouldDie,
  );
}

/** Kills it some times, then lets it end. Answers how many kills struck. */
async function killAgainAndAgain(place: KillPlace, durability: Durability): Promise<number> {
  let kills = 0;
  for (let life = 1; ; life += 1) {
    const growth = Math.ceil(random() * GROWTH_BYTES_MAX);
    const mayDie = life <= KILLS_A_RUN;
    const waitAt = mayDie ? sizeOf(place.effects) + growth + LATE_BYTES_MAX : Infinity;
    const dies = afterGrowth(place.effects, growth, random() * 3);
    const { wasKilled, exitCode, stderr } = await start(
      place,
      durability,
      waysOn(place),
      waitAt,
      () => mayDie && dies(),
    );
    if (wasKilled) {
      kills += 1;
      checkWreck(readHome(place.home), kills);
      continue;
    }
    assert.equal(exitCode, 0, stderr);
    if (sizeOf(place.effects) >= waitAt) assert.fail('It went on behind the place of its death.');
    assert.ok(kills >= KILLS_A_RUN_MIN, `only ${kills} kills`);
    return kills;
  }
}

/** After the kill: sound, and every earlier attempt is Crashed with evidence. */
function checkWreck({ integrity, evidence, flowRuns }: HomeReport, kills: number): void {
  assert.equal(integrity, 'ok');
  const roots = flowRuns.filter(({ name }) => name === 'unkillable');
  assert.ok(roots.length <= 1, `${roots.length} runs of one flow`);
  const crashes = evidence.filter((body) =>
    /No process has the id \d+|belongs to another process|has ended/.test(body),
  );
  assert.ok(
    crashes.length >= Math.min(kills - 1, roots[0]?.runCount ?? 0),
    `attempt ${roots[0]?.runCount}, but only ${crashes.length} crashes are recorded with evidence`,
  );
  assert.equal(crashes.length, evidence.length, evidence.join('\n'));
}

function checkEnd(report: HomeReport): void {
  const { evidence: _evidence, ...rest } = report;
  const names = report.flowRuns.map(({ name }) => name).sort();
  assert.deepEqual(names, ['inner', 'unkillable'], 'one run of each flow, however often it was killed');
  for (const { name, state } of report.flowRuns) assert.equal(state, 'Completed', name);
  assert.deepEqual(
    { ...rest, flowRuns: [] },
    {
      integrity: 'ok',
      journals: [],
      processes: 0,
      flowRuns: [],
      openTaskRuns: 0,
      statesWithoutEvent: 0,
      eventsWithoutState: 0,
    },
  );
}

describe('a flow that is killed again and again', () => {
  for (const durability of DURABILITIES) {
    test(`with durability ${durability}`, async (t) => {
      const undisturbed = newPlace(`${durability}-undisturbed`);
      const first = await start(undisturbed, durability, [PROGRAM], Infinity, () => false);
      assert.equal(first.exitCode, 0, first.stderr);
      const expected = readFileSync(undisturbed.result, 'utf8');
      assert.ok(sizeOf(undisturbed.effects) >= EFFECT_BYTES, `${sizeOf(undisturbed.effects)} bytes of effects`);
      let kills = 0;
      for (let run = 1; run <= RUNS; run += 1) {
        const place = newPlace(`${durability}-${run}`);
        kills += await killAgainAndAgain(place, durability);
        const where = `run ${run}; again with KILL_SEED=${seed}`;
        assert.equal(readFileSync(place.result, 'utf8'), expected, where);
        if (durability !== 'none') assert.deepEqual(brokenPromises(readEffects(place.effects)), [], where);
        checkEnd(readHome(place.home));
      }
      t.diagnostic(`${kills} kills, KILL_SEED=${seed}`);
    });
  }
});
