/**
 * `kill -9` of the server, of two workers and of the processes of runs, at drawn moments of every phase of a run, often
 * of two of them at once: no run is lost, none runs twice at once, none is stuck, no slot is held by the dead.
 *
 * `KILL_SEED` draws the same story again; `OSTINATO_KILLS` asks for more kills.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { seededRandom } from '../../src/platform/random.ts';
import { until } from './background.ts';
import { KilledWorld, type Kind } from './killed-world.ts';
import { makePlace } from './launch.ts';
import { childrenOf, isThere, type Line, type Said } from './run-witness.ts';

const KILLS = Number(process.env['OSTINATO_KILLS'] ?? 80);
const SEED = Number(process.env['KILL_SEED'] ?? Math.floor(Math.random() * 1e9));
/** A phase that does not come (its run waits for a slot) is not waited for longer. */
const PHASE_MS_MAX = 10_000;
/** Runs that are not over yet: with more, what comes waits for slots only. */
const OPEN_MAX = 8;
/** A server gives a process up that it has not heard of for a minute, and calls a cancellation over after five. */
const END_MS_MAX = 420_000;
/** So often a run that crashes goes on by itself. */
const ATTEMPTS_MAX = 5;

type Victim = 'server' | 'worker' | 'process' | 'spare';
type Phase = 'claim' | 'cancel' | Said;

/** The phases of each kind of run; two more words are a weight. */
const PHASES: Readonly<Record<Kind, readonly Phase[]>> = {
  plain: ['claim', 'claim', 'load', 'begin', 'begin', 'end', 'cancel'],
  resumed: ['claim', 'load', 'begin', 'begin', 'end', 'cancel'],
  pulled: ['claim', 'pull', 'pull', 'install', 'install', 'load', 'begin', 'cancel'],
};
const KINDS: readonly Kind[] = ['plain', 'plain', 'plain', 'resumed', 'resumed', 'pulled'];
const VICTIMS: readonly Victim[] = ['process', 'process', 'process', 'worker', 'worker', 'server', 'spare'];

interface Asked {
  readonly word: string;
  readonly kind: Kind;
  readonly id: string;
  /** A process of its own may have been killed, so it may end undone. */
  mayCrash: boolean;
  mayBeCancelled: boolean;
}

interface State {
  readonly type: string;
  readonly message: string | null;
}

const place = makePlace();
const world = new KilledWorld(place);
const random = seededRandom(SEED);
const runs: Asked[] = [];
const kills = new Map<string, number>();
after(() => world.close());
before(() => world.open(), { timeout: 180_000 });

function pick<T>(choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)] as T;
}

async function ask(kind: Kind): Promise<Asked> {
  const word = `${kind}-${runs.length}`;
  const id = await world.ask(kind, word, Math.floor(random() * 600));
  const asked = { word, kind, id, mayCrash: false, mayBeCancelled: false };
  runs.push(asked);
  return asked;
}

async function stateOf({ id }: Asked): Promise<State> {
  return (await world.call<{ state: State }>('GET', `/flow_runs/${id}`)).state;
}

/** What crashed and is to go on by itself is not over: its server sees to it some seconds later. */
async function isOver(run: Asked, { type }: State): Promise<boolean> {
  if (type !== 'CRASHED') return ['COMPLETED', 'FAILED', 'CANCELLED'].includes(type);
  return run.kind !== 'resumed' || run.mayBeCancelled || (await crashesOf(run)) >= ATTEMPTS_MAX;
}

async function crashesOf({ id }: Asked): Promise<number> {
  const states = await world.call<readonly State[]>('GET', `/flow_run_states/?flow_run_id=${id}`);
  return states.filter(({ type }) => type === 'CRASHED').length;
}

const begunOf = ({ word }: Asked): number => world.witness.of(word).filter(({ said }) => said === 'begin').length;

/** Until the run is in this phase, or cannot come to it any more. */
async function comesTo(run: Asked, phase: Phase): Promise<void> {
  const limit = performance.now() + PHASE_MS_MAX;
  if (phase === 'claim') return;
  const wanted = phase === 'cancel' ? 'begin' : phase;
  while (performance.now() < limit) {
    if (world.witness.of(run.id, run.word).some(({ said }) => said === wanted)) break;
    if (await isOver(run, await stateOf(run))) return;
    await pause(10);
  }
  if (phase !== 'cancel') return;
  run.mayBeCancelled = true;
  await world.call('POST', `/flow_runs/${run.id}/set_state`, { state: { type: 'CANCELLING' } });
}

function isKnown(pid: number): boolean {
  return world.witness.lines().some((line) => line.pid === pid);
}

/** @returns what was killed, and what starts it again */
async function kill(victim: Victim, run: Asked): Promise<void> {
  kills.set(victim, (kills.get(victim) ?? 0) + 1);
  switch (victim) {
    case 'server':
      world.server.child.kill('SIGKILL');
      await world.server.ended;
      return await world.startServer();
    case 'worker': {
      const index = Math.floor(random() * world.workers.length);
      const worker = world.workers[index];
      worker?.child.kill('SIGKILL');
      await worker?.ended;
      return world.startWorker(index);
    }
    case 'process': {
      const pid = world.witness.of(run.id, run.word).at(-1)?.pid;
      run.mayCrash = true;
      if (pid !== undefined && isThere(pid)) process.kill(pid, 'SIGKILL');
      return;
    }
    case 'spare': {
      // What stands ready, or was just told which run it is for, or prepares one.
      const found = world.workers.flatMap(({ child }) => childrenOf(child.pid ?? 0)).filter((pid) => !isKnown(pid));
      const pid = pick(found);
      for (const open of runs) open.mayCrash ||= !world.witness.of(open.word).some(({ said }) => said === 'end');
      if (pid !== undefined && isThere(pid)) process.kill(pid, 'SIGKILL');
    }
  }
}

async function openRuns(): Promise<readonly Asked[]> {
  const open: Asked[] = [];
  for (const run of runs) if (!(await isOver(run, await stateOf(run)))) open.push(run);
  return open;
}

/** One run, and who is killed while it is in a phase that is drawn. */
async function round(): Promise<number> {
  const kind = pick(KINDS);
  const phase = pick(PHASES[kind]);
  const victims = [...new Set(random() < 0.4 ? [pick(VICTIMS), pick(VICTIMS)] : [pick(VICTIMS)])];
  const delayMs = random() ** 2 * (phase === 'claim' ? 80 : 250);
  if (phase === 'install') world.needsNewPackages();
  const run = await ask(kind);
  await comesTo(run, phase);
  await pause(delayMs);
  await Promise.all(victims.map((victim) => kill(victim, run)));
  // Somebody looks, or nobody does: then the server sees to it after a while.
  if (random() < 0.7) await world.call('POST', '/ostinato/processes/reap', {});
  return victims.length;
}

/** The body of a run that is Cancelled has been given up: its process ends soon after, and is in nobody's way. */
function isAtOnce({ said, more: [limit, ...others] }: Line): boolean {
  const kept = others.filter((word) => runs.some((run) => run.word === word && !run.mayBeCancelled));
  return said === 'twice' || (said === 'over' && kept.length >= Number(limit));
}

function wrongWith(run: Asked, state: State, crashes: number): string | null {
  const lines = world.witness.of(run.word);
  const begun = begunOf(run);
  const told = `${run.word} ${run.id} is ${state.type} (${state.message ?? ''}), begun ${begun} times`;
  const begunMax = run.kind === 'resumed' ? ATTEMPTS_MAX : 1;
  if (begun > begunMax) return `${told}: too often`;
  if (state.type === 'COMPLETED')
    return lines.some(({ said }) => said === 'end') ? null : `${told}: it has done nothing`;
  if (state.type === 'CANCELLED' && run.mayBeCancelled) return null;
  if (state.type === 'CRASHED' && run.mayCrash && (run.kind !== 'resumed' || run.mayBeCancelled)) return null;
  // So often what was to run it was killed.
  if (state.type === 'CRASHED' && run.mayCrash && crashes >= ATTEMPTS_MAX) return null;
  return `${told}: nobody has killed a process of it`;
}

test(
  `${KILLS} kills (KILL_SEED=${SEED}): every run ends, none runs twice at once, and nothing is left`,
  { timeout: 600_000 + KILLS * 15_000 },
  async (t) => {
    try {
      for (let killed = 0; killed < KILLS;) {
        killed += await round();
        await until('there is room for more', async () => (await openRuns()).length < OPEN_MAX, END_MS_MAX);
        assert.deepEqual(world.witness.lines().filter(isAtOnce), []);
      }
      const left = await openRuns();
      const states = new Map<Asked, State>();
      for (const run of runs)
        states.set(
          run,
          await until(
            `${run.word} ${run.id} ends`,
            async () => {
              const state = await stateOf(run);
              return (await isOver(run, state)) && state;
            },
            END_MS_MAX,
          ),
        );
      const wrong: string[] = [];
      for (const [run, state] of states) wrong.push(wrongWith(run, state, await crashesOf(run)) ?? '');
      assert.deepEqual(wrong.filter(Boolean), []);
      const counted = await world.call<number>('POST', '/flow_runs/count', {});
      assert.equal(counted, runs.length, 'each run once');
      assert.deepEqual(await world.holders(), [], 'no slot is held');
      await until('no process of a run is left', () => world.witness.lines().every(({ pid }) => !isThere(pid)));
      assert.deepEqual(world.readDatabase(), { integrity: 'ok', leases: 0, active: 0 });
      const ends = Map.groupBy(states.values(), ({ type }) => type);
      t.diagnostic(
        `${runs.length} runs, ${left.length} open at the end; killed: ${[...kills].map((one) => one.join(' ')).join(', ')}; ` +
          [...ends].map(([type, all]) => `${type} ${all.length}`).join(', '),
      );
    } catch (error) {
      const open = await Promise.all((await openRuns().catch(() => [])).map(({ id }) => world.why(id)));
      throw new Error([`KILL_SEED=${SEED}: ${String(error)}`, ...open, world.said()].join('\n'), { cause: error });
    }
  },
);
