/**
 * Clocks that are set while a server and a worker are at work, each its own: forward over the night in which an hour
 * comes twice, forward a day, back an hour. No slot comes twice, none is missing, and what is asked for runs.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { startOstinato, until, type Background } from './background.ts';
import { makePlace } from './launch.ts';
import { RunWitness } from './run-witness.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
/** Clocks of Berlin go back an hour at 01:00 UTC. */
const STARTS = Date.parse('2026-10-25T00:20:00Z');

/** As if the machine's clock were set: by as many seconds as a file says. Timers go on as they do. */
const CLOCK = `
import { readFileSync } from 'node:fs';
const aheadMs = () => Number(readFileSync(process.env.CLOCK_FILE, 'utf8')) * 1000;
const Real = Date;
const real = Real.now.bind(Real);
globalThis.Date = class Date extends Real {
  constructor(...given) { super(...(given.length === 0 ? [real() + aheadMs()] : given)); }
  static now() { return real() + aheadMs(); }
};
Object.defineProperty(performance, 'timeOrigin', { value: performance.timeOrigin + aheadMs() });
`;
const FLOWS = `
import { appendFileSync } from 'node:fs';
import { flow } from 'ostinato';
export const tick = flow(async () => {
  appendFileSync('witness', 'begin ' + process.env.OSTINATO__FLOW_RUN_ID + ' ' + process.pid + '\\n');
}, { name: 'tick' });
`;

interface Slot {
  readonly nominal: string;
  readonly fold: number;
  readonly due: string;
  readonly through: string | null;
  readonly outcome: string | null;
  readonly flow_run_id: string | null;
}

const place = makePlace();
const witness = new RunWitness(join(place.project, 'witness'));
const clocks = { server: 0, worker: 0 };
const all: Background[] = [];
let api = '';
let deployment = '';
after(() => {
  for (const { child } of all) child.kill('SIGKILL');
});

function set(whose: keyof typeof clocks, bySeconds: number): void {
  clocks[whose] += bySeconds;
  writeFileSync(join(place.project, `${whose}-clock`), String(clocks[whose]));
}

function start(whose: keyof typeof clocks, words: readonly string[], env: Record<string, string> = {}): Background {
  const clock = { NODE_OPTIONS: `--import ${join(place.project, 'clock.mjs')}` };
  const started = startOstinato(place, words, { ...clock, CLOCK_FILE: join(place.project, `${whose}-clock`), ...env });
  all.push(started);
  return started;
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(api + path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  return (await answer.json()) as T;
}

before(
  async () => {
    writeFileSync(join(place.project, 'clock.mjs'), CLOCK);
    writeFileSync(join(place.project, 'flows.ts'), FLOWS);
    for (const whose of ['server', 'worker'] as const) set(whose, Math.round((STARTS - Date.now()) / 1000));
    const server = start('server', ['server', 'start', '--port', '0']);
    api = `${await until('it serves', () => /serves at (http:\S+)/.exec(server.text().stderr)?.[1])}/api`;
    await call('POST', '/work_pools/', { name: 'p', type: 'process' });
    const flow = await call<{ id: string }>('POST', '/flows/', { name: 'tick' });
    const schedule = { interval: 1800, anchor_date: '2026-01-01T00:00:00Z', timezone: 'Europe/Berlin' };
    const made = await call<{ id: string }>('POST', '/deployments/', {
      name: 'tick',
      flow_id: flow.id,
      work_pool_name: 'p',
      entrypoint: 'flows.ts:tick',
      path: place.project,
      schedules: [{ schedule, catch_up: 'latest' }],
    });
    deployment = made.id;
    start('worker', ['worker', 'start', '-p', 'p', '--poll', '1s'], { OSTINATO_API_URL: api });
  },
  { timeout: 120_000 },
);

const said = (): string => all.map(({ text }) => text().stderr.slice(-2000)).join('\n');
const stateOf = async (id: string): Promise<string> =>
  (await call<{ state: { type: string } }>('GET', `/flow_runs/${id}`)).state.type;

async function runs(what: string): Promise<void> {
  const body = { state: { type: 'SCHEDULED' } };
  const { id } = await call<{ id: string }>('POST', `/deployments/${deployment}/create_flow_run`, body);
  const type = await until(`what is asked for runs: ${what}`, async () => {
    const state = await stateOf(id);
    return ['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED'].includes(state) && state;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${said()}`);
  });
  assert.equal(type, 'COMPLETED', what);
}

/** Those that are due by the server's clock, the first one first. */
async function slots(): Promise<readonly Slot[]> {
  const before = new Date(Date.now() + clocks.server * 1000).toISOString();
  const found = await call<{ slots: readonly Slot[] }>('POST', `/deployments/${deployment}/slots/filter`, {
    before,
    limit: 200,
  });
  return found.slots.toReversed();
}

/** Until what is due is decided; the latest one has run. */
async function latestRuns(count: number): Promise<void> {
  let due: readonly Slot[] = [];
  const seen = await until(`the latest of ${count} slots has run`, async () => {
    due = await slots();
    return due.length === count && due.at(-1)?.outcome === 'run' && due;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${JSON.stringify(due, null, 1)}\n${said()}`);
  });
  const id = seen.at(-1)?.flow_run_id ?? '';
  await until('its run has ended', async () => (await stateOf(id)) === 'COMPLETED');
}

test('clocks are set forward and back, also in the night with an hour twice', { timeout: 600_000 }, async () => {
  await runs('before anything');
  // 00:30 is 02:30 in Berlin, 01:00 is 02:00, and 01:30 is 02:30 again.
  set('server', HOUR + 20 * 60);
  await latestRuns(3);
  await runs('the clock of the worker is an hour and more behind');
  set('server', DAY);
  await latestRuns(3 + 48);
  set('server', -HOUR);
  await runs('the clock of the server was set back');
  set('worker', 2 * DAY);
  await runs('the clock of the worker was set forward');
  set('worker', -HOUR);
  await runs('the clock of the worker was set back');
  set('server', 2 * HOUR);
  await until('slots come again', async () => (await slots()).at(-1)?.outcome === 'run');

  const all = await slots();
  const due = all.map((slot) => Date.parse(slot.due));
  for (const [index, time] of due.entries())
    if (index > 0) assert.equal(time - Number(due[index - 1]), 30 * 60_000, `one before ${all[index]?.due}`);
  assert.deepEqual(
    all.slice(0, 3).map(({ nominal, fold }) => `${nominal.slice(11, 16)} ${fold}`),
    ['02:30 0', '02:00 1', '02:30 1'],
  );
  assert.ok(all.every(({ outcome }) => outcome !== null));
  const begun = witness.lines().map(({ about }) => about);
  assert.equal(new Set(begun).size, begun.length, 'no run begins twice');
  const crashed = { flow_runs: { state: { type: { any_: ['CRASHED', 'FAILED'] } } } };
  assert.equal(await call<number>('POST', '/flow_runs/count', crashed), 0);
});
