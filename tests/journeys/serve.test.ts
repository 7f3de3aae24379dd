/** Programs that serve their own deployments, with the real commands beside them. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { startOstinato, startProgram, until, type Background } from './background.ts';
import { FlakyProxy } from './flaky-proxy.ts';
import type { Ended } from './launch.ts';
import { makeServedPlace } from './served-place.ts';

const FLOWS = `
import { appendFileSync, existsSync } from 'node:fs';
import { flow, serve, task } from ${JSON.stringify(import.meta.resolve('ostinato'))};
import { z } from ${JSON.stringify(import.meta.resolve('zod'))};
const double = task((times) => times * 2, { name: 'double' });
export const count = flow(async ({ word, times, day }) => {
  appendFileSync('begun', [word, process.pid, day.toISOString()].join(' ') + '\\n');
  return word.repeat(await double(times));
}, { name: 'count', parameters: z.object({ word: z.string(), times: z.int().min(1).default(2), day: z.date().default(new Date(0)) }) });
export const hold = flow(async ({ word }) => {
  appendFileSync('begun', word + '\\n');
  while (!existsSync('go-' + word)) await new Promise((resolve) => setTimeout(resolve, 20));
  appendFileSync('begun', word + '-over\\n');
}, { name: 'hold', parameters: z.object({ word: z.string() }) });
`;

/** @param call what follows the flows */
function program(name: string, call: string): string {
  const path = join(place.project, `${name}.ts`);
  writeFileSync(path, `${FLOWS}\n${call}\nconsole.log('after serving');\n`);
  return path;
}

const place = makeServedPlace();
const { env, programs, call, done, json } = place;

/** Once it serves. */
async function serving(path: string, settings: Readonly<Record<string, string>> = env): Promise<Background> {
  const started = startProgram(place, path, settings);
  programs.push(started);
  await until('it serves', () => started.text().stderr.includes('Ctrl-C ends') || started.child.exitCode !== null);
  assert.equal(started.child.exitCode, null, started.text().stderr);
  return started;
}

interface Run {
  readonly id: string;
  readonly state: { readonly type: string; readonly name: string };
}

function begun(word: string): readonly string[] {
  const path = join(place.project, 'begun');
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  return lines.filter((line) => line.split(' ')[0] === word);
}

async function becomes(id: string, type: string): Promise<void> {
  await until(`run ${id} is ${type}`, async () => (await json<Run>('flow-run', 'inspect', id)).state.type === type);
}

test('several deployments: what is asked for runs in the program itself', { timeout: 180_000 }, async () => {
  const path = program(
    'several',
    `await serve(
      count.toDeployment({ name: 'several', parameters: { times: 3 }, tags: ['served'] }),
      hold.toDeployment({ name: 'several' }),
      // Nothing is asked for in time: the server tells.
      { pollSeconds: 3600 },
    );`,
  );
  const first = await serving(path);
  const { stderr } = first.text();
  assert.match(stderr, /Serving count\/several \(made now\)\. Run it: ostinato deployment run count\/several/);
  const watched = await done('deployment', 'run', 'count/several', '-p', 'word=one', '-p', 'day=2030-01-02', '--watch');
  assert.match(watched, /Completed/);
  const [line = ''] = begun('one');
  assert.deepEqual(line.split(' ').slice(1), [String(first.child.pid), '2030-01-02T00:00:00.000Z']);
  const [run] = await json<(Run & { readonly tags: readonly string[] })[]>('flow-run', 'ls', '--flow', 'count');
  assert.deepEqual(run?.tags, ['served']);
  first.child.kill('SIGINT');
  const ended = await first.ended;
  assert.equal(ended.exitCode, 0, ended.stderr);
  assert.match(ended.stdout, /after serving/, 'the program goes on');
  for (const name of ['count/several', 'hold/several'])
    assert.equal((await json<{ paused: boolean }>('deployment', 'inspect', name)).paused, true, name);
  const second = await serving(path);
  assert.match(second.text().stderr, /Serving count\/several \(as before\)/);
  assert.equal((await json<{ paused: boolean }>('deployment', 'inspect', 'count/several')).paused, false);
  second.child.kill('SIGTERM');
  assert.equal((await second.ended).exitCode, 0);
});

test(
  'a schedule makes runs; a schedule that is paused by hand stays so when it is served anew',
  { timeout: 180_000 },
  async () => {
    const path = program(
      'ticking',
      `await count.serve({
      name: 'ticking',
      schedule: [{ intervalSeconds: 1, parameters: { word: 'tick' } }, { cron: '0 9 * * *', timezone: 'Europe/Berlin', active: false }],
      pollSeconds: 0.5, pauseOnShutdown: false,
    });`,
    );
    const first = await serving(path);
    assert.match(first.text().stderr, /by itself: every 1 s\./);
    await until('it ran three times', () => begun('tick').length >= 3);
    first.child.kill('SIGTERM');
    await first.ended;
    interface Deployment {
      readonly paused: boolean;
      readonly schedules: readonly { readonly id: string; readonly active: boolean }[];
    }
    const before = await json<Deployment>('deployment', 'inspect', 'ticking');
    assert.equal(before.paused, false);
    const second = await serving(path);
    assert.match(second.text().stderr, /\(as before\)/);
    const after = await json<Deployment>('deployment', 'inspect', 'ticking');
    assert.deepEqual(after.schedules, before.schedules);
    second.child.kill('SIGTERM');
    await second.ended;
  },
);

test('two programs serve one deployment: each run begins once', { timeout: 180_000 }, async () => {
  const path = program(
    'raced',
    `await count.serve({ name: 'raced', pollSeconds: 0.2, limit: 2, pauseOnShutdown: false });`,
  );
  const both = [await serving(path), await serving(path)];
  const words = ['r1', 'r2', 'r3', 'r4', 'r5', 'r6'];
  const runs = await Promise.all(words.map((word) => json<Run>('deployment', 'run', 'raced', '-p', `word=${word}`)));
  for (const { id } of runs) await becomes(id, 'COMPLETED');
  assert.deepEqual(
    words.map((word) => begun(word).length),
    words.map(() => 1),
  );
  for (const { child, ended } of both) {
    child.kill('SIGTERM');
    assert.equal((await ended).exitCode, 0);
  }
});

test(
  'limit: one at a time, the next when there is room; a run that was cancelled meanwhile never begins',
  { timeout: 180_000 },
  async () => {
    const path = program('narrow', `await hold.serve({ name: 'narrow', pollSeconds: 0.2, limit: 1 });`);
    const started = await serving(path);
    const [first, second, third] = [
      await json<Run>('deployment', 'run', 'narrow', '-p', 'word=n1'),
      await json<Run>('deployment', 'run', 'narrow', '-p', 'word=n2'),
      await json<Run>('deployment', 'run', 'narrow', '-p', 'word=n3'),
    ];
    await becomes(first.id, 'RUNNING');
    await done('flow-run', 'cancel', second.id);
    assert.equal((await json<Run>('flow-run', 'inspect', third.id)).state.type, 'SCHEDULED');
    writeFileSync(join(place.project, 'go-n1'), '');
    writeFileSync(join(place.project, 'go-n3'), '');
    await becomes(third.id, 'COMPLETED');
    assert.deepEqual(
      ['n1', 'n2', 'n3'].map((word) => begun(word).length),
      [1, 0, 1],
    );
    started.child.kill('SIGTERM');
    assert.equal((await started.ended).exitCode, 0);
  },
);

test('Ctrl-C: what runs may finish; the second one stops it', { timeout: 180_000 }, async () => {
  const path = program('ending', `await hold.serve({ name: 'ending', pollSeconds: 0.2 });`);
  const first = await serving(path);
  const finishing = await json<Run>('deployment', 'run', 'ending', '-p', 'word=e1');
  await becomes(finishing.id, 'RUNNING');
  first.child.kill('SIGINT');
  await until('it waits', () => first.text().stderr.includes('Waiting up to 30 s for 1 run(s)'));
  writeFileSync(join(place.project, 'go-e1'), '');
  assert.equal((await first.ended).exitCode, 0);
  await becomes(finishing.id, 'COMPLETED');
  const second = await serving(path);
  const stopped = await json<Run>('deployment', 'run', 'ending', '-p', 'word=e2');
  await becomes(stopped.id, 'RUNNING');
  second.child.kill('SIGINT');
  await until('it waits', () => second.text().stderr.includes('Waiting up to 30 s'));
  second.child.kill('SIGINT');
  assert.equal((await second.ended).exitCode, 130);
  await becomes(stopped.id, 'CANCELLED');
  assert.deepEqual(begun('e2-over'), []);
});

test('what is wrong is said before anything is made', { timeout: 180_000 }, async () => {
  const wrong: readonly (readonly [call: string, said: RegExp])[] = [
    [`await count.serve({ name: 'bad', parameters: { wort: 'x' } });`, /no parameter "wort".*Did you mean "word"/s],
    [`await count.serve({ name: 'bad', parameters: { times: 0 } });`, /parameter times does not fit/],
    [`await count.serve({ name: 'bad', schedule: { cron: '0 99 * * *' } });`, /hour/],
    [
      `await count.serve({ name: 'bad', schedule: { cron: '@daily', rrule: 'FREQ=DAILY' } });`,
      /in 2 ways.*cron, rrule/s,
    ],
    [`await count.serve({ name: 'bad', shedule: [] });`, /option shedule.*Did you mean schedule/s],
    [`await count.serve({ name: 'bad', limit: 0 });`, /option limit of serve\(\) is 0/],
    [`await serve(count.toDeployment({ name: 'bad' }), count.toDeployment({ name: 'bad' }));`, /count\/bad twice/],
    [`await serve(count);`, /Argument 1 of serve\(\) is no deployment/],
    [`await flow(async () => { await count.serve({ name: 'bad' }); }, { name: 'inside' })();`, /inside a run/],
  ];
  for (const [text, said] of wrong) {
    const { exitCode, stderr } = await startProgram(place, program('wrong', text), env).ended;
    assert.equal(exitCode, 1, `${text}: ${stderr}`);
    assert.match(stderr, said, text);
  }
  assert.equal((await call('deployment', 'inspect', 'bad')).exitCode, 3);
  const nowhere = { OSTINATO_HOME: join(place.home, 'of-nobody') };
  const { stderr } = await startProgram(place, program('wrong', `await count.serve();`), nowhere).ended;
  assert.match(stderr, /none is set, and none runs here.*ostinato server start/s);
});

test('without a word about a server it serves with the one of its home', { timeout: 180_000 }, async () => {
  const path = program('at-home', `await count.serve({ name: 'at-home', pollSeconds: 3600 });`);
  const started = await serving(path, {});
  const { id } = await json<Run>('deployment', 'run', 'count/at-home', '-p', 'word=home');
  await becomes(id, 'COMPLETED');
  assert.equal(begun('home')[0]?.split(' ')[1], String(started.child.pid), 'in the program itself');
  started.child.kill('SIGTERM');
  assert.equal((await started.ended).exitCode, 0);
  const late = program('late', `await count({ word: 'before' });\nawait count.serve({ name: 'late' });`);
  const { exitCode, stderr } = await startProgram(place, late).ended;
  assert.notEqual(exitCode, 0);
  assert.match(stderr, /has run something before it serves.*export OSTINATO_API_URL=http/s);
});

test(
  'what was changed by hand stays, or is refused; each change of the program is a version',
  { timeout: 180_000 },
  async () => {
    const deploying = async (tag: string, more = ''): Promise<Ended> => {
      const text = `console.log(JSON.stringify(await count.deploy({ name: 'hand', tags: ['${tag}']${more} })));`;
      return await startProgram(place, program('hand', text), env).ended;
    };
    const tags = async (): Promise<readonly string[]> =>
      (await json<{ readonly tags: readonly string[] }>('deployment', 'inspect', 'count/hand')).tags;
    assert.match((await deploying('a')).stdout, /"isNew":true,"changes":\[\],"version":1/);
    const [version] = await json<readonly Readonly<Record<string, unknown>>[]>('deployment', 'versions', 'count/hand');
    assert.deepEqual([version?.['version'], version?.['file']], [1, 'hand.ts']);
    assert.match(String(version?.['by']), /@/);
    const { id } = await json<Run>('deployment', 'inspect', 'count/hand');
    const answer = await fetch(`${env['OSTINATO_API_URL']}/deployments/${id}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ tags: ['hand'] }),
    });
    assert.equal(answer.status, 204);
    assert.match((await deploying('a')).stdout, /"version":1/);
    assert.deepEqual(await tags(), ['hand']);
    const refused = await deploying('b');
    assert.equal(refused.exitCode, 1);
    assert.match(
      refused.stderr,
      /changed by hand, too: nothing was applied[^]*! tags: was \["a"\], is \["hand"\] by hand/,
    );
    assert.match((await deploying('b', ', force: true')).stdout, /"version":2/);
    assert.deepEqual(await tags(), ['b']);
  },
);

test('a program that finds no server waits for it, and says since when', { timeout: 180_000 }, async () => {
  const proxy = await FlakyProxy.before(String(env['OSTINATO_API_URL']).replace(/\/api$/, ''));
  await proxy.goDown();
  const away = { OSTINATO_API_URL: proxy.apiUrl };
  const path = program('early', `await count.serve({ name: 'early' });`);
  const [program_, worker] = [
    startProgram(place, path, away),
    startOstinato(place, ['worker', 'start', '-p', 'early'], away),
  ];
  const ended = startProgram(place, path, away);
  programs.push(program_, worker, ended);
  for (const each of [program_, worker, ended])
    await until('it says what it waits for', () =>
      /does not answer.* It is waited for since \d{4}-/s.test(each.text().stderr),
    );
  ended.child.kill('SIGINT');
  const { exitCode, stderr } = await ended.ended;
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /the server never answered/);
  const once_ = await place.ostinato(['worker', 'start', '-p', 'early', '--run-once'], { env: away });
  assert.equal(once_.exitCode, 5, once_.stderr);

  await proxy.comeUp();
  await until('the program serves', () => program_.text().stderr.includes('Ctrl-C ends'));
  await until('the worker takes runs', () => worker.text().stderr.includes('takes the runs of pool early'));
  for (const each of [program_, worker]) {
    assert.match(each.text().stderr, /The server answers, after \d+ s/);
    each.child.kill('SIGINT');
    assert.equal((await each.ended).exitCode, 0, each.text().stderr);
  }
  await proxy.goDown();
});

test('a file that serves is read for its flows, and serves nothing then', { timeout: 180_000 }, async () => {
  program('library', `await count.serve({ name: 'library' });`);
  assert.match(
    await done('deployment', 'build', '-n', 'lib', 'library.ts:count', '--file', 'lib.yaml'),
    /Wrote lib\.yaml/,
  );
  assert.equal((await call('deployment', 'inspect', 'library')).exitCode, 3);
});

test('flow.deploy: a worker takes its runs', { timeout: 180_000 }, async () => {
  const path = program(
    'deployed',
    `console.log(JSON.stringify(await count.deploy({ name: 'deployed', queue: 'deployed', parameters: { word: 'w' } })));`,
  );
  const deploying = async (): Promise<string> => {
    const { exitCode, stdout, stderr } = await startProgram(place, path, env).ended;
    assert.equal(exitCode, 0, stderr);
    return stdout;
  };
  assert.match(await deploying(), /"isNew":true,"changes":\[\]/);
  assert.match(await deploying(), /"isNew":false,"changes":\[\]/);
  const { id } = await json<Run>('deployment', 'run', 'count/deployed');
  const { exitCode, stderr } = await place.ostinato(['worker', 'start', '-q', 'deployed', '--run-once'], { env });
  assert.equal(exitCode, 0, stderr);
  await becomes(id, 'COMPLETED');
  assert.equal(begun('w').length, 1);
});

test('what stands between a run that is due and its body is two questions', { timeout: 180_000 }, async () => {
  const proxy = await FlakyProxy.before(String(env['OSTINATO_API_URL']).replace(/\/api$/, ''));
  const asked: string[] = [];
  proxy.fate = (_count, { method, url }) => {
    asked.push(`${method} ${url}`);
    return { kind: 'pass' };
  };
  const path = program('asks', `await hold.serve({ name: 'asks', pollSeconds: 0.2 });`);
  const started = startProgram(place, path, { OSTINATO_API_URL: proxy.apiUrl });
  programs.push(started);
  await until('it serves', () => started.text().stderr.includes('Ctrl-C ends'));
  const run = await json<Run>('deployment', 'run', 'hold/asks', '-p', 'word=asks');
  await until('the run has begun', () => begun('asks').length > 0);
  const ofRun = asked.filter((line) => line.includes(run.id));
  assert.deepEqual(
    ofRun.map((line) => line.replace(/^(\S+) .*\/flow_runs\/[^/]+/, '$1 ')),
    ['POST /resume', 'POST /set_state'],
  );
  assert.ok(!asked.some((line) => line.endsWith('/processes/reap')), 'the server looks after lost runs by itself');
  writeFileSync(join(place.project, 'go-asks'), '');
  await until('the run has ended', () => begun('asks-over').length > 0);
  started.child.kill('SIGINT');
  assert.equal((await started.ended).exitCode, 0, started.text().stderr);
  await proxy.goDown();
});
