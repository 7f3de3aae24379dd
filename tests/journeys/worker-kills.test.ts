/**
 * `kill -9` of the worker, of a run's process and of the server, at drawn times: no run is lost, none runs twice at
 * once, none is stuck. The draw prints itself; `OSTINATO_KILLS` asks for more rounds.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { startOstinato, until, type Background } from './background.ts';
import { makeServedPlace } from './served-place.ts';

/** A file a run is there while it runs: a second one at once finds it. */
const FLOWS = `
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { flow } from 'ostinato';
export const marked = flow(async ({ word }) => {
  try {
    writeFileSync('runs-' + word, String(process.pid), { flag: 'wx' });
  } catch {
    appendFileSync('twice', word + '\\n');
  }
  appendFileSync('begun', word + ' ' + process.pid + '\\n');
  await new Promise((resolve) => setTimeout(resolve, 150));
  rmSync('runs-' + word);
}, { name: 'marked' });
`;

const ROUNDS = Number(process.env['OSTINATO_KILLS'] ?? 6);
const VICTIMS = ['worker', 'process', 'server'] as const;
const seed = Number(process.env['OSTINATO_KILLS_SEED'] ?? Date.now() % 1_000_000);

let worker: Background;
const place = makeServedPlace();
const { env, programs, done, ask } = place;

/** 0 ≤ x < 1, the same for the same seed. */
let drawn = seed;
function draw(): number {
  drawn = (Math.imul(drawn, 1_664_525) + 1_013_904_223) >>> 0;
  return drawn / 2 ** 32;
}

before(
  async () => {
    await place.started;
    writeFileSync(join(place.project, 'flows.ts'), FLOWS);
    await done('deployment', 'build', '--name', 'marked', 'flows.ts:marked');
    await done('deployment', 'apply', 'marked-deployment.yaml');
    worker = await startWorker();
  },
  { timeout: 180_000 },
);

/** One that finds no server when it starts ends: it is waited for. */
async function startWorker(): Promise<Background> {
  const started = startOstinato(place, ['agent', 'start', '-q', 'default', '--poll', '1s'], env);
  programs.push(started);
  await until('the worker takes runs', () => started.text().stderr.includes('takes the runs of'));
  return started;
}

function lines(name: string): readonly string[] {
  const path = join(place.project, name);
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
}

/** Kills it; what has to be there for the next round is started again. */
async function kill(victim: (typeof VICTIMS)[number], word: string): Promise<void> {
  if (victim === 'worker') {
    worker.child.kill('SIGKILL');
    await worker.ended;
    worker = await startWorker();
  } else if (victim === 'server') {
    process.kill(place.server().pid, 'SIGKILL');
    await until('it is gone', () => !existsSync(`/proc/${place.server().pid}`));
    await place.startAgain();
  } else {
    const pid = Number(
      lines('begun')
        .find((line) => line.startsWith(`${word} `))
        ?.split(' ')[1],
    );
    if (Number.isInteger(pid) && existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL');
  }
}

test(
  `${ROUNDS} kills (seed ${seed}): every run ends, and none ran twice at once`,
  { timeout: 60_000 + ROUNDS * 90_000 },
  async () => {
    const [deployment] = await ask<[{ id: string }]>('POST', '/deployments/filter', {});
    for (let round = 0; round < ROUNDS; round += 1) {
      const word = `w${round}`;
      const { id } = await ask<{ id: string }>('POST', `/deployments/${deployment.id}/create_flow_run`, {
        state: { type: 'SCHEDULED' },
        parameters: { word },
      });
      const victim = VICTIMS[Math.floor(draw() * VICTIMS.length)] ?? 'worker';
      const afterMs = Math.floor(draw() * 2500);
      await delay(afterMs);
      await kill(victim, word);
      let seen = '';
      const type = await until(`run ${word} ends (${victim} after ${afterMs} ms, seed ${seed})`, async () => {
        const { state_type: state } = await ask<{ state_type: string }>('GET', `/flow_runs/${id}`);
        seen = JSON.stringify(await ask('GET', `/flow_run_states/?flow_run_id=${id}`)) + worker.text().stderr;
        return ['COMPLETED', 'FAILED', 'CRASHED'].includes(state) && state;
      }).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${seen}`);
      });
      assert.ok(type === 'COMPLETED' || type === 'CRASHED', `${word}: ${type}`);
      // Only a process that was killed itself leaves its run undone.
      if (victim !== 'process') assert.equal(type, 'COMPLETED', `${victim} after ${afterMs} ms, seed ${seed}\n${seen}`);
      const begun = lines('begun').filter((line) => line.startsWith(`${word} `)).length;
      assert.ok(begun <= 1, `${word} began ${begun} times: ${victim} after ${afterMs} ms, seed ${seed}`);
    }
    assert.deepEqual(lines('twice'), []);
  },
);
