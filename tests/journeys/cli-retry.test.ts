/**
 * Going on with runs: after a kill, after a failure, after the code was changed or moved. Side effects are counted in
 * files.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';

import { FlowRun } from '../../src/contract/schema/flow-run.ts';
import { ResumePlan } from '../../src/contract/schema/resume-plan.ts';
import { conforming, startOstinato, until } from './background.ts';
import { makePlace } from './launch.ts';

const place = makePlace();
const { ostinato, project } = place;

/** A line a call in `done.txt`; what the flow waits for is the file `go`. */
const TASKS = `
import { flow, task } from 'ostinato';
import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
const note = (what: string): void => appendFileSync('done.txt', what + '\\n');
`;

const LONG = `${TASKS}
const load = task(async (n: number) => { note('load'); return Array.from({ length: n }, (_, index) => index); });
const step = task(async (n: number) => { note('step ' + n); return n * 2; });
const hold = task(async (ns: number[]) => { note('hold'); while (!existsSync('go')) await sleep(20); return ns.length; });
const last = task(async (count: number) => { note('last'); return count; });
export const long = flow(async ({ n }: { n: number }) => last(hold(step.map(load(n)))));
`;

const done = (): string[] => readFileSync(join(project, 'done.txt'), 'utf8').trimEnd().split('\n');

function fresh(): void {
  rmSync(join(project, 'done.txt'), { force: true });
  rmSync(join(project, 'go'), { force: true });
}

interface Run {
  readonly id: string;
  readonly name: string;
  readonly state_type: string;
  readonly state: { readonly evidence: string | null };
  readonly run_count: number;
}

function isRunning(name: string): boolean {
  const database = new DatabaseSync(join(place.home, 'ostinato.db'), { readOnly: true });
  try {
    return database.prepare("SELECT 1 FROM task_run WHERE name = ? AND state_type = 'RUNNING'").get(name) !== undefined;
  } finally {
    database.close();
  }
}

const newest = async (): Promise<Run> => {
  const [run] = conforming<Run[]>(FlowRun, await ostinato(['flow-run', 'ls', '--limit', '1', '-o', 'json']));
  assert.ok(run);
  return run;
};

interface Plan {
  readonly flow_source_changed: boolean;
  readonly counts: Record<string, number>;
  readonly steps: readonly {
    readonly name: string;
    readonly action: string;
    readonly reason: string;
    readonly if_unchanged: readonly string[];
  }[];
}

const plan = async (id: string, ...words: string[]): Promise<Plan> =>
  conforming<Plan & Record<string, unknown>>(
    ResumePlan,
    await ostinato(['flow-run', 'retry', id, '--plan', '-o', 'json', ...words]),
  );
const actions = ({ steps }: Plan): string[] => steps.map(({ name, action }) => `${name} ${action}`);

test('a run whose process was killed is Crashed with the evidence, and goes on without doing its finished steps again', async () => {
  fresh();
  writeFileSync(join(project, 'long.ts'), LONG);
  const running = startOstinato(place, ['run', 'long.ts', '-p', 'n=5']);
  await until('it holds', () => running.text().stderr.includes('5 of 5') && done().includes('hold'));
  await until('its start is recorded', () => isRunning('hold-0'));
  running.child.kill('SIGKILL');
  await running.ended;
  const crashed = await newest();
  assert.equal(crashed.state_type, 'CRASHED');
  assert.match(crashed.state.evidence ?? '', new RegExp(`${running.child.pid}`));
  assert.match((await ostinato(['why', crashed.id])).stdout, /^\S+ Crashed\nCrashed: /);
  assert.deepEqual(
    actions(await plan(crashed.id)),
    ['load-0 reuse', ...[0, 1, 2, 3, 4].map((n) => `step-${n} reuse`), 'hold-0 run_again'].sort(byStep),
  );

  writeFileSync(join(project, 'go'), '');
  const retried = await ostinato(['flow-run', 'retry', crashed.name, '-o', 'json']);
  assert.equal(retried.exitCode, 0, retried.stderr);
  const { flow_run, result } = JSON.parse(retried.stdout) as { flow_run: Run; result: unknown };
  assert.deepEqual([flow_run.id, flow_run.state_type, flow_run.run_count, result], [crashed.id, 'COMPLETED', 2, 5]);
  assert.deepEqual(done().sort(), ['hold', 'hold', 'last', 'load', 'step 0', 'step 1', 'step 2', 'step 3', 'step 4']);
  const again = await ostinato(['flow-run', 'retry', crashed.id]);
  assert.equal(again.exitCode, 4);
  assert.match(again.stderr, /cannot be retried: it is Completed/);
});

/** Plans list steps in the order of their calls; here only who is in them counts. */
function byStep(a: string, b: string): number {
  const order = ['load', 'last', 'hold', 'step'];
  return order.indexOf(a.split('-')[0] ?? '') - order.indexOf(b.split('-')[0] ?? '') || a.localeCompare(b);
}

test('a run that a living process has is refused', async () => {
  fresh();
  const running = startOstinato(place, ['run', 'long.ts', '-p', 'n=1']);
  await until('it runs', () => running.text().stderr.includes('1 of 1'));
  const { id } = await newest();
  const refused = await ostinato(['flow-run', 'retry', id]);
  assert.equal(refused.exitCode, 4);
  assert.match(refused.stderr, /in a process that is alive/);
  assert.equal((await ostinato(['flow-run', 'delete', '-y', id])).exitCode, 4);
  writeFileSync(join(project, 'go'), '');
  assert.equal((await running.ended).exitCode, 0);
});

const CHANGING = (marks: { transform: string; extra: boolean; broken: boolean }): string => `${TASKS}
const extract = task(async () => { note('extract'); return 2; });
const transform = task(async (n: number) => { note('transform'); return n ${marks.transform}; });
const secret = task(async () => { note('secret'); return 7; }, { persistResult: false });
${marks.extra ? "const extra = task(async () => { note('extra'); return 0; });" : ''}
const store = task(async (n: number) => { note('store'); ${marks.broken ? "throw new Error('no room');" : 'return n;'} });
export const changing = flow(async () => {
  const n = await extract();
  ${marks.extra ? 'await extra();' : ''}
  await secret();
  const t = transform(n);
  return store(t);
});
`;

test('--plan after the code was changed says what is reused, run again and orphaned; the retry does just that', async () => {
  fresh();
  const file = join(project, 'changing.ts');
  writeFileSync(file, CHANGING({ transform: '* 10', extra: true, broken: true }));
  assert.equal((await ostinato(['run', 'changing.ts'])).exitCode, 1);
  const { id } = await newest();
  assert.deepEqual(actions(await plan(id)), [
    'extract-0 reuse',
    'extra-0 reuse',
    'secret-0 run_again',
    'transform-0 reuse',
    'store-0 run_again',
  ]);

  writeFileSync(file, CHANGING({ transform: '* 100', extra: false, broken: false }));
  const changed = await plan(id);
  assert.deepEqual(actions(changed), [
    'extract-0 reuse',
    'extra-0 orphaned',
    'secret-0 run_again',
    'transform-0 run_again',
    'store-0 run_again',
  ]);
  assert.equal(changed.flow_source_changed, true);
  assert.deepEqual(
    changed.steps.map(({ reason }) => reason),
    [
      'it finished, and its source is the same',
      'nothing defines "extra" any more',
      'its result was not kept',
      "the task's source changed",
      'it ended Failed: Error: no room',
    ],
  );
  const human = (await ostinato(['flow-run', 'retry', id, '--plan'])).stdout;
  assert.match(
    human,
    /= {2}extract-0 +reuse[\s\S]*- {2}extra-0 +orphaned[\s\S]*5 steps: 1 reused, 3 run again, 1 orphaned\.\nThe flow's own source changed/,
  );
  assert.deepEqual(done(), ['extract', 'extra', 'secret', 'transform', 'store']);

  const retried = await ostinato(['flow-run', 'retry', id]);
  assert.deepEqual([retried.exitCode, retried.stdout], [0, '200\n'], retried.stderr);
  assert.deepEqual(done().slice(5), ['secret', 'transform', 'store']);
});

test('a file that was moved is asked for, and remembered; a flow that is not in it is pointed out', async () => {
  fresh();
  const file = join(project, 'changing.ts');
  writeFileSync(file, CHANGING({ transform: '* 10', extra: false, broken: true }));
  assert.equal((await ostinato(['run', 'changing.ts'])).exitCode, 1);
  const { id } = await newest();
  mkdirSync(join(project, 'moved'), { recursive: true });
  renameSync(file, join(project, 'moved', 'changing.ts'));
  const gone = await ostinato(['flow-run', 'retry', id]);
  assert.equal(gone.exitCode, 2);
  assert.match(gone.stderr, /is not there any more[\s\S]*--entrypoint FILE/);
  const other = await ostinato(['flow-run', 'retry', id, '--entrypoint', 'long.ts']);
  assert.equal(other.exitCode, 2);
  assert.match(other.stderr, /does not have the flow "changing"[\s\S]*It defines: long/);
  const failed = await ostinato(['flow-run', 'retry', id, '--entrypoint', 'moved/changing.ts']);
  assert.equal(failed.exitCode, 1, failed.stderr);
  assert.deepEqual(done(), ['extract', 'secret', 'transform', 'store', 'secret', 'store']);
  writeFileSync(join(project, 'moved', 'changing.ts'), CHANGING({ transform: '* 10', extra: false, broken: false }));
  assert.equal((await ostinato(['flow-run', 'retry', id])).exitCode, 0);
});

test('a flow that stands below an awaited call at the top level: retry, its plan and run say that it was not reached, and why', async () => {
  fresh();
  const file = join(project, 'below.ts');
  const flowOf = (name: string): string =>
    `export const ${name} = flow(async () => { note('${name}'); if (!existsSync('go')) throw new Error('not yet'); return '${name}'; }, { name: '${name}' });`;
  writeFileSync(file, `${TASKS}${flowOf('above')}\n${flowOf('below')}\n`);
  assert.equal((await ostinato(['run', 'below.ts:below'])).exitCode, 1);
  const { id } = await newest();
  writeFileSync(file, `${TASKS}${flowOf('above')}\nawait above();\n${flowOf('below')}\n`);
  for (const words of [
    ['flow-run', 'retry', id],
    ['flow-run', 'retry', id, '--plan'],
    ['run', 'below.ts:below'],
  ]) {
    const { exitCode, stderr } = await ostinato(words);
    assert.notEqual(exitCode, 0);
    assert.match(
      stderr,
      /below\.ts was not read as far as (?:the|a) flow (?:as )?"below"[\s\S]*its top level awaits a call[\s\S]*above that line/,
    );
  }
  assert.deepEqual(done(), ['below']);
  // What stands above is found, and a typing error is still one.
  writeFileSync(join(project, 'go'), '');
  assert.equal((await ostinato(['run', 'below.ts:above'])).exitCode, 0);
  writeFileSync(file, `${TASKS}${flowOf('above')}\n${flowOf('below')}\n`);
  assert.match((await ostinato(['run', 'below.ts:belwo'])).stderr, /exports no flow "belwo"[\s\S]*below/);
  assert.equal((await ostinato(['flow-run', 'retry', id])).exitCode, 0);
});

test('a flow that only its own script calls goes on inside that script, once', async () => {
  fresh();
  writeFileSync(
    join(project, 'script.ts'),
    `${TASKS}
const load = task(async () => { note('load'); return 3; });
const store = task(async (n: number) => { note('store'); if (!existsSync('go')) throw new Error('not yet'); return n; });
const inner = flow(async ({ factor }: { factor: number }) => store(await load() * factor), { name: 'inner' });
note('before');
const result = await inner({ factor: 2 });
note('after ' + result);
await inner({ factor: 5 });
`,
  );
  assert.equal((await ostinato(['run', 'script.ts'])).exitCode, 1);
  assert.deepEqual(done(), ['before', 'load', 'store']);
  writeFileSync(join(project, 'go'), '');
  const { id } = await newest();
  const retried = await ostinato(['flow-run', 'retry', id]);
  assert.equal(retried.exitCode, 0, retried.stderr);
  assert.deepEqual(done().slice(3), ['before', 'store', 'after 6']);
  assert.equal((await newest()).id, id);
});

test('parameters that a schema transformed are not transformed again', async () => {
  fresh();
  writeFileSync(
    join(project, 'schema.ts'),
    `${TASKS}
const schema = { '~standard': { version: 1, vendor: 'test', validate: (value: any) => typeof value.n === 'string' ? { value: { n: Number(value.n) } } : { issues: [{ message: 'must be text', path: ['n'] }] } } } as const;
export const strict = flow(async ({ n }: { n: number }) => { if (!existsSync('go')) throw new Error('not yet'); return n + 1; }, { parameters: schema as never });
`,
  );
  assert.equal((await ostinato(['run', 'schema.ts', '-p', 'n="4"'])).exitCode, 1);
  writeFileSync(join(project, 'go'), '');
  const retried = await ostinato(['flow-run', 'retry', (await newest()).id]);
  assert.deepEqual([retried.exitCode, retried.stdout], [0, '5\n'], retried.stderr);
});

test('a subflow goes on with the run that it is part of', async () => {
  fresh();
  writeFileSync(
    join(project, 'nested.ts'),
    `${TASKS}
const work = task(async (n: number) => { note('work ' + n); return n; });
const child = flow(async ({ n }: { n: number }) => { const done = await work(n); if (!existsSync('go')) throw new Error('not yet'); return done; }, { name: 'child', runName: 'child-{n}' });
export const nested = flow(async () => [await child({ n: 1 })], { name: 'nested', runName: 'the-parent' });
`,
  );
  assert.equal((await ostinato(['run', 'nested.ts'])).exitCode, 1);
  const refused = await ostinato(['flow-run', 'retry', 'child-1']);
  assert.equal(refused.exitCode, 4);
  assert.match(refused.stderr, /part of flow run the-parent[\s\S]*ostinato flow-run retry/);
  assert.deepEqual(actions(await plan('the-parent')), ['child-0 run_again']);
  writeFileSync(join(project, 'go'), '');
  const retried = await ostinato(['flow-run', 'retry', 'the-parent']);
  assert.equal(retried.exitCode, 0, retried.stderr);
  assert.deepEqual(done(), ['work 1']);
});

test('what cannot be retried is said', async () => {
  const nobody = await ostinato(['flow-run', 'retry', 'nobody']);
  assert.equal(nobody.exitCode, 3);
  const file = await ostinato(['flow-run', 'retry', (await newest()).id, '--entrypoint', 'nope.ts']);
  assert.ok([3, 4].includes(file.exitCode ?? 0));
});
