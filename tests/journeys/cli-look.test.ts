/**
 * Looking at what is recorded: lists, inspections, logs, explanations, artifacts and variables, for people and for
 * programs.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { Artifact } from '../../src/contract/artifact.ts';
import { Explanation } from '../../src/contract/schema/explanation.ts';
import { FlowRun } from '../../src/contract/schema/flow-run.ts';
import { FlowSummary } from '../../src/contract/schema/flow.ts';
import { Log } from '../../src/contract/schema/log.ts';
import { TaskRun } from '../../src/contract/schema/task-run.ts';
import { Variable } from '../../src/contract/variable.ts';
import { conforming } from './background.ts';
import { makePlace } from './launch.ts';

const { ostinato, project } = makePlace();

const SHOP = `
import { artifacts, flow, INPUTS, task } from 'ostinato';
const load = task(async (day: string) => { console.log('loading ' + day); return [1, 2, 3]; }, { cache: INPUTS, tags: ['io'] });
const price = task(async (n: number) => { if (n > 2) throw new Error('no price for ' + n); return n * 10; }, { retries: 1 });
const add = task(async (prices: number[]) => prices.length);
export const shop = flow(async ({ day }: { day: string }) => {
  await artifacts.markdown('# Report\\n\\nAll **well**.', { key: 'report' });
  await artifacts.table([{ month: '2025-01', total: 12.5 }, { month: '2025-02', total: 3 }], { key: 'by-month', description: 'Sales by month' });
  await artifacts.image({ svg: '<svg xmlns="http://www.w3.org/2000/svg"/>' }, { key: 'picture' });
  await artifacts.progress(40, { key: 'progress' });
  await artifacts.link('https://example.com', { key: 'link', text: 'Example' });
  return await add(price.map(load(day)));
}, { name: 'Shop', tags: ['nightly'], runName: 'shop-{day}' });
export const fine = flow(async () => 'fine', { runName: 'all-fine' });
`;

test('before the first run, every list says how to begin, and is an empty list for programs', async () => {
  for (const [words, hint] of [
    [['flow', 'ls'], /ostinato run FILE/],
    [['flow-run', 'ls'], /ostinato run FILE/],
    [['task-run', 'ls'], /ostinato run FILE/],
    [['artifact', 'ls'], /artifacts\.markdown/],
    [['variable', 'ls'], /ostinato variable set/],
  ] as const) {
    const human = await ostinato(words);
    assert.equal(human.exitCode, 0, human.stderr);
    assert.match(human.stdout, hint);
    assert.equal((await ostinato([...words, '-o', 'json'])).stdout, '[]\n');
  }
  const none = await ostinato(['flow-run', 'inspect', 'nobody']);
  assert.equal(none.exitCode, 3);
  assert.match(none.stderr, /No flow has run yet/);
});

test('two runs are made', async () => {
  writeFileSync(join(project, 'shop.ts'), SHOP);
  assert.equal((await ostinato(['run', 'shop.ts:shop', '-p', 'day=monday'])).exitCode, 1);
  assert.equal((await ostinato(['run', 'shop.ts:fine'])).exitCode, 0);
});

test('flow ls: runs and the last of them', async () => {
  const flows = conforming<{ name: string; run_count: number; last_run: { name: string; state_type: string } }[]>(
    FlowSummary,
    await ostinato(['flow', 'ls', '-o', 'json']),
  );
  assert.deepEqual(
    flows.map(({ name, run_count, last_run }) => [name, run_count, last_run.name, last_run.state_type]),
    [
      ['Shop', 1, 'shop-monday', 'FAILED'],
      ['fine', 1, 'all-fine', 'COMPLETED'],
    ],
  );
  assert.match(
    (await ostinato(['flow', 'ls'])).stdout,
    /^NAME +RUNS +LAST RUN +STATE +WHEN\nShop +1 +shop-monday +Failed/,
  );
});

test('flow-run ls: newest first, narrowed by state, name of state, flow, tag and number', async () => {
  const names = async (...words: string[]): Promise<string[]> =>
    conforming<{ name: string }[]>(FlowRun, await ostinato(['flow-run', 'ls', '-o', 'json', ...words])).map(
      ({ name }) => name,
    );
  assert.deepEqual(await names(), ['all-fine', 'shop-monday']);
  assert.deepEqual(await names('--limit', '1'), ['all-fine']);
  assert.deepEqual(await names('--state', 'failed'), ['shop-monday']);
  assert.deepEqual(await names('--state', 'Failed,completed'), ['all-fine', 'shop-monday']);
  assert.deepEqual(await names('--flow', 'Shop', '--tag', 'nightly'), ['shop-monday']);
  assert.deepEqual(await names('--tag', 'nightly', '--tag', 'weekly'), []);
  const human = await ostinato(['flow-run', 'ls', '--limit', '1']);
  assert.match(human.stdout, /^ID +NAME +FLOW +STATE +CREATED +TOOK\n[0-9a-f-]{36} {2}all-fine +fine +Completed/);
  assert.match(human.stderr, /--limit shows more/);
});

test('a run is named by id, by the beginning of an id, or by its name', async () => {
  const [fine, shop] = conforming<{ id: string }[]>(FlowRun, await ostinato(['flow-run', 'ls', '-o', 'json']));
  assert.ok(fine && shop);
  for (const word of [shop.id, shop.id.slice(0, 33), 'shop-monday', shop.id.toUpperCase()]) {
    assert.equal(
      conforming<{ id: string }>(FlowRun, await ostinato(['flow-run', 'inspect', word, '-o', 'json'])).id,
      shop.id,
    );
  }
  let shared = 0;
  while (fine.id[shared] === shop.id[shared]) shared += 1;
  const ambiguous = await ostinato(['flow-run', 'inspect', shop.id.slice(0, shared)]);
  assert.equal(ambiguous.exitCode, 4);
  assert.ok(
    [fine.id, shop.id, 'all-fine', 'shop-monday'].every((part) => ambiguous.stderr.includes(part)),
    ambiguous.stderr,
  );
  const slip = await ostinato(['flow-run', 'inspect', 'shop-munday']);
  assert.equal(slip.exitCode, 3);
  assert.match(slip.stderr, /Did you mean "shop-monday"\?/);
});

test('flow-run inspect: facts, counts of tasks, states in order', async () => {
  const { stdout } = await ostinato(['flow-run', 'inspect', 'shop-monday']);
  assert.match(stdout, /parameters +\{"day":"monday"\}/);
  assert.match(stdout, /tags +nightly/);
  assert.match(stdout, /states\n.*Pending\n.*Running\n.*Failed/);
});

test('flow-run logs: by level, by task, by words, the last ones', async () => {
  const records = async (...words: string[]): Promise<{ message: string; level: number }[]> =>
    conforming(Log, await ostinato(['flow-run', 'logs', 'shop-monday', '-o', 'json', ...words]));
  assert.equal((await records())[0]?.message, 'loading monday');
  assert.ok((await records('--level', 'error')).every(({ level }) => level >= 40));
  assert.deepEqual(
    (await records('--task', 'load-0')).map(({ message }) => message),
    ['loading monday'],
  );
  assert.deepEqual((await records('--text', 'LOADING')).length, 1);
  assert.equal((await records('-n', '1')).length, 1);
  assert.match(
    (await ostinato(['flow-run', 'logs', 'shop-monday'])).stdout,
    /^\d\d:\d\d:\d\d\.\d{3} {2}INFO +loading monday\n/,
  );
  const level = await ostinato(['flow-run', 'logs', 'shop-monday', '--level', 'warnign']);
  assert.equal(level.exitCode, 2);
  assert.match(level.stderr, /Did you mean "warning"\?/);
});

test('task-run ls and inspect: attempts, cache, inputs', async () => {
  const list = ['task-run', 'ls', '--flow-run', 'shop-monday', '-o', 'json'];
  const runs = conforming<
    { id: string; name: string; state_type: string; run_count: number; cache: { outcome: string } | null }[]
  >(TaskRun, await ostinato(list));
  assert.deepEqual(
    runs.map(({ name, state_type }) => [name, state_type]),
    [
      ['load-0', 'COMPLETED'],
      ['add-0', 'FAILED'],
      ['price-0', 'COMPLETED'],
      ['price-1', 'COMPLETED'],
      ['price-2', 'FAILED'],
    ],
  );
  assert.equal(runs[0]?.cache?.outcome, 'miss');
  assert.equal(conforming<unknown[]>(TaskRun, await ostinato([...list, '--state', 'failed'])).length, 2);
  const failed = conforming<{ run_count: number; state: { failure: { message: string } } }>(
    TaskRun,
    await ostinato(['task-run', 'inspect', runs[4]?.id ?? '', '-o', 'json']),
  );
  assert.deepEqual([failed.run_count, failed.state.failure.message], [2, 'no price for 3']);
  const { stdout } = await ostinato(['task-run', 'inspect', 'price-2']);
  assert.match(stdout, /attempts +2 of at most 2[\s\S]*AwaitingRetry[\s\S]*Failed +Error: no price for 3/);
});

test('why: a failed flow names its task, a failed task its attempts, a blocked one what blocked it', async () => {
  const flow = conforming<{ headline: string; kind: string; next: string }>(
    Explanation,
    await ostinato(['why', 'shop-monday', '-o', 'json']),
  );
  assert.equal(flow.kind, 'flow_run');
  assert.match(flow.headline, /Failed because task "price-2" failed: Error: no price for 3/);
  assert.match(flow.next, /ostinato flow-run retry/);
  assert.match(
    (await ostinato(['why', 'price-2'])).stdout,
    /Failed after 2 attempts[\s\S]*Attempt 1 failed[\s\S]*Next/,
  );
  assert.match((await ostinato(['why', 'add-0'])).stdout, /Did not run/);
  assert.equal((await ostinato(['why', 'price-22'])).exitCode, 3);
});

test('artifact ls and inspect: by key, as text; a picture can be saved', async () => {
  const all = conforming<{ key: string; type: string }[]>(Artifact, await ostinato(['artifact', 'ls', '-o', 'json']));
  assert.deepEqual(
    all.map(({ key }) => key),
    ['link', 'progress', 'picture', 'by-month', 'report'],
  );
  assert.equal(
    conforming<unknown[]>(
      Artifact,
      await ostinato(['artifact', 'ls', '--type', 'table', '--flow-run', 'shop-monday', '-o', 'json']),
    ).length,
    1,
  );
  assert.match(
    (await ostinato(['artifact', 'inspect', 'by-month'])).stdout,
    /Sales by month\n\nmonth +total\n2025-01 +12\.5\n2025-02 +3\n/,
  );
  assert.match((await ostinato(['artifact', 'inspect', 'report'])).stdout, /# Report\n\nAll \*\*well\*\*\.\n/);
  assert.match((await ostinato(['artifact', 'inspect', 'progress'])).stdout, /█{12}░{18} {2}40 %/);
  assert.match((await ostinato(['artifact', 'inspect', 'link'])).stdout, /Example: https:\/\/example\.com/);
  assert.match((await ostinato(['artifact', 'inspect', 'picture'])).stdout, /a picture \(image\/svg\+xml/);
  assert.equal((await ostinato(['artifact', 'inspect', 'picture', '--save', 'p.svg'])).exitCode, 0);
  assert.match(readFileSync(join(project, 'p.svg'), 'utf8'), /^<svg/);
  const wrong = await ostinato(['artifact', 'inspect', 'picture', '--save', 'no/such/folder.svg']);
  assert.equal(wrong.exitCode, 2);
  assert.ok(!existsSync(join(project, 'no')));
  assert.match((await ostinato(['artifact', 'inspect', 'by-mont'])).stderr, /Did you mean "by-month"\?/);
});

test('variables: set, get, replaced only when asked, listed, unset', async () => {
  const set = await ostinato(['variable', 'set', 'target', '1500', '--tag', 'sales', '-o', 'json']);
  assert.equal(conforming<{ value: unknown }>(Variable, set).value, 1500);
  assert.equal((await ostinato(['variable', 'get', 'target'])).stdout, '1500\n');
  const again = await ostinato(['variable', 'set', 'target', '1600']);
  assert.equal(again.exitCode, 4);
  assert.match(again.stderr, /--overwrite/);
  await ostinato(['variable', 'set', 'target', '{"eu": 1}', '--overwrite']);
  const inspected = conforming<{ value: unknown; tags: string[] }>(
    Variable,
    await ostinato(['variable', 'inspect', 'target', '-o', 'json']),
  );
  assert.deepEqual([inspected.value, inspected.tags], [{ eu: 1 }, ['sales']]);
  await ostinato(['variable', 'set', 'code', '007', '--text']);
  assert.equal((await ostinato(['variable', 'get', 'code'])).stdout, '007\n');
  assert.deepEqual(
    conforming<{ name: string }[]>(Variable, await ostinato(['variable', 'ls', '-o', 'json'])).map(({ name }) => name),
    ['code', 'target'],
  );
  const slip = await ostinato(['variable', 'get', 'targte']);
  assert.equal(slip.exitCode, 3);
  assert.match(slip.stderr, /Did you mean "target"\?/);
  assert.equal((await ostinato(['variable', 'set', 'Bad Name', '1'])).exitCode, 2);
  assert.equal((await ostinato(['variable', 'unset', 'code'])).exitCode, 0);
  assert.equal((await ostinato(['variable', 'unset', 'code'])).exitCode, 3);
});

test('bad input of each command is a usage error that says the rule', async () => {
  for (const [words, message] of [
    [['flow-run', 'ls', '--state', 'faild'], /no state "faild"\. Did you mean "failed"\?/],
    [['flow-run', 'ls', '--limit', '0'], /whole number from 1 to 1000/],
    [['flow-run', 'inspect'], /missing required argument 'run'/],
    [['flow-run', 'lsx'], /unknown command 'lsx'/],
    [['task-run', 'ls', '--state', 'x'], /no state "x"/],
    [['artifact', 'ls', '--type', 'film'], /Allowed choices are markdown, table/],
    [['variable', 'set', 'only-name'], /missing required argument 'value'/],
    [['why'], /missing required argument 'run'/],
    [['flow-run', 'ls', '-o', 'yaml'], /Allowed choices are table, json/],
  ] as const) {
    const ended = await ostinato(words);
    assert.equal(ended.exitCode, 2, `${words.join(' ')}: ${ended.stderr}`);
    assert.match(ended.stderr, message);
  }
});
