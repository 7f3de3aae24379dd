/** Backfills by their commands, with a real worker: each slot of the range runs once, whatever is killed. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { startOstinato, startProgram, until } from './background.ts';
import { makeServedPlace } from './served-place.ts';

/** One that finds the mark of another is not alone. */
const FLOWS = `
import { appendFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { flow } from 'ostinato';
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
export const days = flow(async ({ day, until }: { day: string; until: string }) => {
  appendFileSync('days', day + ' ' + until + '\\n');
  if (existsSync('broken')) throw new Error('broken');
  try {
    writeFileSync('alone', day, { flag: 'wx' });
  } catch {
    appendFileSync('together', day + '\\n');
  }
  await pause(30);
  rmSync('alone', { force: true });
}, { name: 'days' });
export const hold = flow(async ({ day }: { day: string }) => {
  appendFileSync('held', day + '\\n');
  while (!existsSync('go')) await pause(20);
}, { name: 'hold' });
`;

const FILL = `
import { backfillDeployment, deployments } from ${JSON.stringify(import.meta.resolve('ostinato'))};
const told = (name, { state, deployment, from, to, progress }) =>
  console.log(JSON.stringify([name, state, deployment, from, to, progress]));
const filled = await backfillDeployment('days/daily', {
  from: '2026-08-01',
  to: new Date('2026-08-03T22:00:00Z'),
  name: 'by-program',
  order: 'newest',
  concurrency: 2,
  parameters: { until: '{{ slot.end | date }}' },
});
told('begun', filled);
told('ended', await filled.wait());
const held = await deployments['hold/held'].backfill({
  from: '2026-08-01',
  to: '2026-08-05',
  cron: '0 9 * * *',
  timezone: 'Asia/Tokyo',
  parameters: { day: '{{ slot.start }}' },
});
told('waited', await held.wait({ timeoutSeconds: 0 }));
told('paused', await held.pause());
told('resumed', await held.resume());
told('aborted', await held.abort({ running: true }));
told('over', await held.wait());
told('left out', await (await backfillDeployment('daily', { from: '2026-08-01', to: '2026-08-03' })).wait());
for (const wrong of [
  { from: '2026-08-01', schedule: 'dialy' },
  { from: '2999-01-01' },
  { from: '2026-08-01', concurrency: 0 },
  { from: '2026-08-01', parallel: 2 },
  { from: '2026-08-01', cron: '0 9 * * *', intervalSeconds: 60 },
  { from: '2026-08-01', parameters: { day: '{{ slot.nothing }}' } },
])
  await backfillDeployment('days/daily', wrong).then(
    () => console.log('made'),
    (error) => console.log(error.code + ': ' + error.message),
  );
`;

const place = makeServedPlace();
const { env, programs, call, done, json } = place;
const at = (name: string): string => join(place.project, name);
const linesOf = (name: string): string[] =>
  existsSync(at(name)) ? readFileSync(at(name), 'utf8').trim().split('\n') : [];

before(
  async () => {
    await place.started;
    writeFileSync(at('flows.ts'), FLOWS);
    await done('deployment', 'build', '-n', 'daily', 'flows.ts:days', '-p', 'until=-');
    await done('deployment', 'apply', 'days-deployment.yaml');
    const cron = ['--cron', '0 0 * * *', '--timezone', 'Europe/Berlin'];
    await done('deployment', 'schedule', 'add', 'daily', ...cron, '-p', 'day={{ slot.start }}', '--paused');
    await done('deployment', 'build', '-n', 'held', 'flows.ts:hold');
    await done('deployment', 'apply', 'hold-deployment.yaml');
    const worker = startOstinato(place, ['agent', 'start', '-q', 'default', '--poll', '1s'], env);
    programs.push(worker);
    await until('the worker takes runs', () => worker.text().stderr.includes('takes the runs of'));
  },
  { timeout: 180_000 },
);

interface Told {
  readonly name: string;
  readonly state: string;
  readonly reason: string | null;
  readonly progress: Readonly<Record<string, number>>;
  readonly slots: readonly { readonly start: string; readonly state: string; readonly flow_run_id: string | null }[];
}

const MARCH = ['--from', '2026-03-28', '--to', '2026-03-31'];

async function becomes(name: string, what: string, holds: (told: Told) => boolean): Promise<Told> {
  return await until(`${name} ${what}`, async () => {
    const told = await json<Told>('backfill', 'inspect', name);
    return holds(told) && told;
  });
}

test('the slots of days on which clocks change run once, in order, one at a time', { timeout: 300_000 }, async () => {
  const look = ['deployment', 'backfill', 'daily', ...MARCH, '--dry-run'];
  const preview = await json<{ total: number; left_out: number; slots: { start: string }[] }>(...look);
  assert.deepEqual([preview.total, preview.left_out], [3, 0]);
  assert.deepEqual(linesOf('days'), []);
  const shown = await done(...look);
  assert.match(shown, /2026-03-29 00:00:00\+01:00 +2026-03-30 00:00:00\+02:00 +run/);
  const words = ['deployment', 'backfill', 'daily', ...MARCH, '--name', 'march', '-p', 'until={{ slot.end | date }}'];
  const watched = await call(...words, '--watch');
  assert.equal(watched.exitCode, 0, watched.stdout + watched.stderr);
  assert.match(watched.stdout, /march completed {2}3 slots: 3 completed/);
  assert.deepEqual(linesOf('days'), [
    '2026-03-28T00:00:00+01:00 2026-03-29',
    '2026-03-29T00:00:00+01:00 2026-03-30',
    '2026-03-30T00:00:00+02:00 2026-03-31',
  ]);
  assert.deepEqual(linesOf('together'), []);
  const { slots } = await json<Told>('backfill', 'inspect', 'march');
  const run = await json<{ tags: string[] }>('flow-run', 'inspect', String(slots[1]?.flow_run_id));
  assert.ok(run.tags.includes('backfill:march'));

  const again = await call('deployment', 'backfill', 'daily', ...MARCH, '--name', 'again', '--watch');
  assert.match(again.stdout, /again completed {2}3 slots: 3 left out/);
  assert.equal(linesOf('days').length, 3);
  await done('deployment', 'backfill', 'daily', ...MARCH, '--rerun', 'all', '--order', 'newest', '--watch');
  assert.deepEqual(
    linesOf('days')
      .slice(3)
      .map((line) => line.slice(0, 10)),
    ['2026-03-30', '2026-03-29', '2026-03-28'],
  );
});

test('failed slots are told, and run again where that is asked', { timeout: 300_000 }, async () => {
  const range = ['--from', '2026-05-01', '--to', '2026-05-03'];
  writeFileSync(at('broken'), '');
  const failed = await call('deployment', 'backfill', 'daily', ...range, '--watch');
  assert.equal(failed.exitCode, 1, failed.stdout + failed.stderr);
  assert.match(failed.stdout, /2 slots: 2 failed/);
  rmSync(at('broken'));
  const missing = await done('deployment', 'backfill', 'daily', ...range, '--dry-run');
  assert.match(missing, /Would run: 0 of 2 slots\. Left out: 2\./);
  const mended = await call('deployment', 'backfill', 'daily', ...range, '--rerun', 'failed', '--watch');
  assert.equal(mended.exitCode, 0, mended.stdout + mended.stderr);
});

test(
  'what is paused makes no more runs; what is aborted ends, and what was done stays',
  { timeout: 300_000 },
  async () => {
    const given = ['--interval', '1d', '--from', '2026-01-01', '--to', '2026-01-07', '-p', 'day={{ slot.date }}'];
    await done('deployment', 'backfill', 'held', ...given, '--name', 'holding', '--concurrency', '2');
    await until('two are held', () => linesOf('held').length === 2);
    assert.match(await done('backfill', 'inspect', 'holding'), /its concurrency: 2 of 2 runs have not ended/);
    const watching = startOstinato(place, ['backfill', 'watch', 'holding'], env);
    await until('it is watched', () => watching.text().stdout.includes('holding running'));
    watching.child.kill('SIGINT');
    const { exitCode, stderr } = await watching.ended;
    assert.deepEqual([exitCode, stderr.includes('Backfill holding goes on.')], [130, true]);
    assert.match(await done('backfill', 'pause', 'holding'), /paused; 2 of its runs go on/);
    writeFileSync(at('go'), '');
    await becomes('holding', 'has ended its runs', ({ progress }) => progress['completed'] === 2);
    rmSync(at('go'));
    assert.deepEqual(
      [linesOf('held').length, (await json<Told>('backfill', 'inspect', 'holding')).state],
      [2, 'paused'],
    );
    await done('backfill', 'resume', 'holding');
    await until('two more are held', () => linesOf('held').length === 4);
    assert.match(await done('backfill', 'abort', 'holding'), /is aborted/);
    const aborted = await becomes('holding', 'is aborted', ({ state }) => state === 'aborted');
    assert.deepEqual(
      [aborted.progress['completed'], aborted.progress['open'], aborted.progress['cancelled']],
      [2, 2, 2],
    );
    await done('backfill', 'abort', 'holding', '--running');
    await becomes('holding', 'has cancelled them', ({ progress }) => progress['cancelled'] === 4);
    const again = await call('backfill', 'resume', 'holding');
    assert.deepEqual([again.exitCode, /is aborted already/.test(again.stderr)], [4, true]);
    assert.deepEqual(linesOf('held').sort(), ['2026-01-01', '2026-01-02', '2026-01-03', '2026-01-04']);
  },
);

test('a program begins backfills, follows them, and ends them', { timeout: 300_000 }, async () => {
  writeFileSync(at('fill.ts'), FILL);
  const before = linesOf('days').length;
  const program = startProgram(place, at('fill.ts'), env);
  programs.push(program);
  const { exitCode, stdout, stderr } = await program.ended;
  assert.equal(exitCode, 0, stdout + stderr);
  const lines = stdout.split('\n').filter((line) => line !== '');
  const told = new Map(
    lines
      .filter((line) => line.startsWith('['))
      .map((line) => {
        const [name, ...rest] = JSON.parse(line) as [string, string, string, string, string, Record<string, number>];
        return [name, rest] as const;
      }),
  );
  const counts = (name: string): unknown => {
    const [state, , , , progress] = told.get(name) ?? ['', '', '', '', {}];
    return [state, Object.fromEntries(Object.entries(progress).filter(([, count]) => count > 0))];
  };
  assert.deepEqual(told.get('begun')?.slice(1, 4), [
    'days/daily',
    '2026-07-31T22:00:00.000Z',
    '2026-08-03T22:00:00.000Z',
  ]);
  assert.deepEqual(counts('ended'), ['completed', { total: 3, completed: 3 }]);
  assert.deepEqual(linesOf('days').slice(before).sort(), [
    '2026-08-01T00:00:00+02:00 2026-08-02',
    '2026-08-02T00:00:00+02:00 2026-08-03',
    '2026-08-03T00:00:00+02:00 2026-08-04',
  ]);
  assert.equal(told.get('waited')?.[0], 'running');
  assert.equal(told.get('paused')?.[0], 'paused');
  assert.equal(told.get('resumed')?.[0], 'running');
  assert.deepEqual(counts('over'), ['aborted', { total: 4, cancelled: 4 }]);
  assert.deepEqual(counts('left out'), ['completed', { total: 2, leftOut: 2 }]);
  assert.deepEqual(lines.slice(-6), [
    'not-found: Deployment daily has no schedule "dialy".',
    'bad-input: The range is empty: it ends before it begins, or where it begins.',
    'bad-input: The option concurrency of backfillDeployment("days/daily") is 0; it must be a whole number from 1 to 1000.',
    'bad-input: The option parallel of backfillDeployment("days/daily") is not known.',
    'bad-input: backfillDeployment("days/daily") has several of schedule, cron and intervalSeconds.',
    'bad-input: The parameter day has the template {{ slot.nothing }}, which is none of a slot.',
  ]);
});

test('a server that is killed in the middle goes on: no slot twice, none missing', { timeout: 300_000 }, async () => {
  const before = linesOf('days').length;
  const range = ['--from', '2026-06-01', '--to', '2026-07-01'];
  await done('deployment', 'backfill', 'daily', ...range, '--name', 'killed', '--concurrency', '3');
  for (const some of [2, 12]) {
    await until('it has come so far', () => linesOf('days').length >= before + some);
    process.kill(place.server().pid, 'SIGKILL');
    await place.startAgain();
  }
  const ended = await becomes('killed', 'has completed', ({ state }) => state === 'completed');
  const begun = linesOf('days')
    .slice(before)
    .map((line) => line.slice(0, 10));
  assert.equal(ended.progress['total'], 30);
  assert.deepEqual(
    [...new Set(begun)].sort(),
    Array.from({ length: 30 }, (_, day) => `2026-06-${String(day + 1).padStart(2, '0')}`),
  );
  const { slots } = await json<Told>('backfill', 'inspect', 'killed', '--limit', '200');
  assert.equal(new Set(slots.map(({ flow_run_id: id }) => id)).size, 30);
  const runs = (await (
    await fetch(`${env['OSTINATO_API_URL']}/flow_runs/count`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ flow_runs: { tags: { all_: ['backfill:killed'] } } }),
    })
  ).json()) as number;
  assert.equal(runs, 30);
});

test(
  'a deployment that is deleted in the middle ends its backfill, with the reason',
  { timeout: 300_000 },
  async () => {
    await done('deployment', 'build', '-n', 'gone', 'flows.ts:hold', '--file', 'gone.yaml', '-q', 'nobody');
    await done('deployment', 'apply', 'gone.yaml');
    const given = ['--cron', '0 9 * * *', '--from', '2026-01-01', '--to', '2026-01-05', '-p', 'day={{ slot.date }}'];
    await done('deployment', 'backfill', 'gone', ...given, '--name', 'orphan');
    await done('deployment', 'delete', 'gone', '--yes');
    const told = await becomes('orphan', 'is aborted', ({ state }) => state === 'aborted');
    assert.equal(told.reason, 'Its deployment was deleted.');
  },
);

test('what cannot be is refused, and nothing is made', { timeout: 300_000 }, async () => {
  const { length } = await json<unknown[]>('backfill', 'ls', '--limit', '200');
  for (const [words, message] of [
    [['daily', '--from', '2026-03-30', '--to', '2026-03-28'], /range is empty/],
    [['daily', '--from', '2026-02-30'], /"2026-02-30" is no time/],
    [['daily', '--from', '2026-03-28', '--to', '2999-01-01'], /ends in the future/],
    [['daily', '--from', '2026-03-28T01:00', '--to', '2026-03-28T02:00'], /no slot in the range/],
    [['daily', ...MARCH, '-p', 'day={{ slot.strat }}'], /parameter day has the template \{\{ slot\.strat \}\}/],
    [['daily', ...MARCH, '-p', 'day={{ now }}'], /none of a slot/],
    [['held', '--from', '2026-03-28'], /has no schedule/],
    [['held', '--from', '2000-01-01', '--interval', '1m', '-p', 'day=x'], /more than 10,000 slots/],
    [['daily', '--from', '2026-03-28', '--cron', 'x y'], /cron/],
    [['daily', ...MARCH, '--concurrency', '0'], /from 1 to 1000/],
    [['daily', ...MARCH, '--timezone', 'Europe/Paris'], /goes with --cron or --interval/],
  ] as const) {
    const { exitCode, stderr } = await call('deployment', 'backfill', ...words);
    assert.equal(exitCode, 2, `${words.join(' ')}: ${stderr}`);
    assert.match(stderr, message);
  }
  const added = await call('deployment', 'schedule', 'add', 'daily', '--cron', '0 1 * * *', '-p', 'day={{ slot.x }}');
  assert.deepEqual([added.exitCode, /parameter day has the template/.test(added.stderr)], [2, true]);
  const unknown = await call('backfill', 'watch', 'marhc');
  assert.deepEqual([unknown.exitCode, /Did you mean "march"/.test(unknown.stderr)], [3, true]);
  assert.equal((await json<unknown[]>('backfill', 'ls', '--limit', '200')).length, length);
});
