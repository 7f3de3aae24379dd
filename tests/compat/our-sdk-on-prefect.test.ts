/** Our SDK against Prefect's own server: what is seen there has the right names, states, times, tags and edges. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { FlakyProxy } from '../journeys/flaky-proxy.ts';
import { startPrefect, type Server } from './servers.ts';

const PROGRAM = join(import.meta.dirname, 'programs', 'our-flows.ts');
const LAUNCHER = join(import.meta.dirname, '..', '..', 'bin', 'ostinato.js');
/** An empty database of that server, which takes long to make; Git ignores the folder. */
const TEMPLATE = join(import.meta.dirname, '.venv', 'prefect-3.9.1.db');
/** The server writes task runs some time after it has heard of them. */
const WAIT_MS_MAX = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'ostinato-on-prefect-'));
let server: Server;
let proxy: FlakyProxy;

before(
  async () => {
    server = await startPrefect(folder, TEMPLATE);
    proxy = await FlakyProxy.before(server.apiUrl.replace(/\/api$/, ''));
  },
  { timeout: 300_000 },
);

after(async () => {
  await proxy?.goDown().catch(() => undefined);
  await server?.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

interface Program {
  readonly child: ChildProcess;
  readonly ended: Promise<string>;
  text(): string;
}

function start(words: readonly string[], apiUrl: string): Program {
  const child = spawn(process.execPath, words, {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, OSTINATO_HOME: join(folder, 'home'), OSTINATO_API_URL: apiUrl },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return { child, text: () => text, ended: new Promise((resolve) => child.once('close', () => resolve(text))) };
}

const runFlow = (name: string, apiUrl = server.apiUrl): Promise<string> => start([PROGRAM, name], apiUrl).ended;
const ostinato = (...words: readonly string[]): Promise<string> => start([LAUNCHER, ...words], proxy.apiUrl).ended;

type Json = Record<string, unknown>;
interface State extends Json {
  readonly name: string;
  readonly type: string;
  readonly timestamp: string;
  readonly message: string | null;
}
interface Run extends Json {
  readonly id: string;
  readonly name: string;
  readonly state_name: string;
  readonly run_count: number;
  readonly tags: readonly string[];
  readonly start_time: string;
  readonly end_time: string;
}
interface TaskRun extends Run {
  readonly task_inputs: Record<string, readonly { readonly input_type: string; readonly id: string }[]>;
  readonly flow_run_id: string;
  readonly task_key: string;
  readonly cache_key: string | null;
}
interface FlowRun extends Run {
  readonly parameters: Json;
  readonly labels: Json;
  readonly parent_task_run_id: string | null;
  readonly total_run_time: number;
}

async function ask<T>(path: string, body?: object): Promise<T> {
  const init =
    body === undefined
      ? {}
      : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const response = await fetch(`${server.apiUrl}${path}`, init);
  assert.ok(response.ok, `${path} was answered with ${response.status}: ${response.ok ? '' : await response.text()}`);
  return (await response.json()) as T;
}

async function until<T>(what: string, look: () => Promise<T | null>): Promise<T> {
  for (const limit = performance.now() + WAIT_MS_MAX; ; await sleep(100)) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > limit) throw new Error(`It did not come to this: ${what}.`);
  }
}

const newestRun = async (flowName: string): Promise<FlowRun> => {
  const [run] = await ask<FlowRun[]>('/flow_runs/filter', {
    flows: { name: { any_: [flowName] } },
    sort: 'EXPECTED_START_TIME_DESC',
    limit: 1,
  });
  assert.ok(run, `there is no run of ${flowName}`);
  return run;
};
const statesOf = async (kind: 'flow' | 'task', id: string): Promise<readonly State[]> =>
  (await ask<State[]>(`/${kind}_run_states/?${kind}_run_id=${id}`)).sort((a, b) =>
    a.timestamp < b.timestamp ? -1 : 1,
  );
const namesOf = async (kind: 'flow' | 'task', id: string): Promise<readonly string[]> =>
  (await statesOf(kind, id)).map(({ name }) => name);

/** Waits until the server has written them all, each in its last state. */
async function taskRuns(flowRun: FlowRun, count: number): Promise<readonly TaskRun[]> {
  return await until(`${count} task runs of ${flowRun.name} are over`, async () => {
    const runs = await ask<TaskRun[]>('/task_runs/filter', {
      flow_runs: { id: { any_: [flowRun.id] } },
      sort: 'EXPECTED_START_TIME_ASC',
    });
    return runs.length >= count && runs.every(({ end_time: end }) => end !== null) ? runs : null;
  });
}

async function ended(flowName: string): Promise<FlowRun> {
  return await until(`${flowName} is over`, async () => {
    const run = await newestRun(flowName);
    return run.end_time === null ? null : run;
  });
}

const only = (runs: readonly TaskRun[], name: string): TaskRun => {
  const found = runs.filter((run) => run.task_key.startsWith(`${name}-`) || run.task_key === `flow:${name}`);
  assert.equal(found.length, 1, `${found.length} runs of ${name}`);
  return found[0] as TaskRun;
};

test('a pipeline: tasks, a map, retries, a subflow, logs, artifacts, variables', async () => {
  assert.match(await runFlow('pipeline'), /^\{"first":2,"total":12,"inner":20\}$/m);
  const run = await newestRun('pipeline');
  assert.equal(run.state_name, 'Completed');
  assert.deepEqual(await namesOf('flow', run.id), ['Pending', 'Running', 'Completed']);
  assert.deepEqual(run.parameters, { day: '2030-01-01', items: [1, 2, 3] });
  assert.deepEqual(run.tags, ['nightly']);
  assert.equal(run.labels['team'], 'data');
  assert.ok(Math.abs(run.total_run_time - (Date.parse(run.end_time) - Date.parse(run.start_time)) / 1000) < 0.01);

  const tasks = await taskRuns(run, 8);
  assert.deepEqual(tasks.map(({ name }) => name).sort(), [
    'load-0',
    'load-0',
    'load-1',
    'load-2',
    'part-0',
    'report-0',
    'sum-0',
    'unsteady-0',
  ]);
  assert.ok(tasks.every(({ state_name: name }) => name === 'Completed'));
  // The items of a fan-out are named by their index, whatever else the task was called for.
  const fanOut = only(tasks, 'sum').task_inputs['values']?.map(({ id }) => id) ?? [];
  const mapped = tasks.filter(({ id }) => fanOut.includes(id));
  assert.deepEqual(mapped.map(({ name }) => name).sort(), ['load-0', 'load-1', 'load-2']);
  assert.deepEqual(
    mapped.map(({ tags }) => [...tags].sort()),
    Array.from({ length: 3 }, () => ['input', 'nightly']),
  );
  const edges = only(tasks, 'sum').task_inputs['values'] ?? [];
  assert.deepEqual(
    edges.map(({ input_type: type }) => type),
    ['task_run', 'task_run', 'task_run'],
  );
  assert.deepEqual(edges.map(({ id }) => id).sort(), mapped.map(({ id }) => id).sort());

  const unsteady = only(tasks, 'unsteady');
  assert.equal(unsteady.run_count, 3);
  const states = await statesOf('task', unsteady.id);
  assert.deepEqual(
    states.map(({ name }) => name),
    ['Pending', 'Running', 'AwaitingRetry', 'Retrying', 'AwaitingRetry', 'Retrying', 'Completed'],
  );
  assert.equal(states[2]?.message, 'TypeError: not yet');
  for (const task of tasks)
    assert.ok(
      task.start_time >= run.start_time && task.end_time <= run.end_time,
      `${task.name} lies within its flow run`,
    );

  const inner = await newestRun('part');
  assert.equal(inner.parent_task_run_id, only(tasks, 'part').id);
  assert.deepEqual([...inner.tags].sort(), ['inner', 'nightly']);
  assert.deepEqual(
    (await taskRuns(inner, 1)).map(({ name }) => name),
    ['load-0'],
  );

  const logs = await ask<{ message: string; flow_run_id: string; level: number }[]>('/logs/filter', {
    logs: { flow_run_id: { any_: [run.id] } },
    sort: 'TIMESTAMP_ASC',
  });
  assert.equal(logs[0]?.message, 'loading 2030-01-01');
  const artifacts = await ask<{ key: string; data: string; type: string; flow_run_id: string; task_run_id: string }[]>(
    '/artifacts/filter',
    { artifacts: { key: { any_: ['total'] } } },
  );
  assert.deepEqual(
    artifacts.map(({ key, data, type, flow_run_id: of, task_run_id: task }) => [key, data, type, of, task]),
    [['total', '# Total 12', 'markdown', run.id, only(tasks, 'report').id]],
  );
  const variable = await ask<{ value: unknown; tags: string[] }>('/variables/name/last_day');
  assert.deepEqual([variable.value, variable.tags], [{ day: '2030-01-01', total: 12 }, ['daily']]);
});

test('a flow that fails says why', async () => {
  assert.match(await runFlow('fails'), /failed RangeError: no such disk/);
  const run = await newestRun('fails');
  assert.equal(run.state_name, 'Failed');
  assert.equal((await statesOf('flow', run.id)).at(-1)?.message, 'RangeError: no such disk');
  const tasks = await taskRuns(run, 2);
  assert.deepEqual(
    tasks.map(({ name, state_name: state }) => `${name} ${state}`),
    ['load-0 Completed', 'broken-0 Failed'],
  );
});

test('a flow that is tried again waits as it says, and does no finished step twice', async () => {
  assert.match(await runFlow('retries'), /^3$/m);
  const run = await newestRun('retries');
  assert.equal(run.run_count, 3);
  const states = await statesOf('flow', run.id);
  assert.deepEqual(
    states.map(({ name }) => name),
    ['Pending', 'Running', 'AwaitingRetry', 'Running', 'AwaitingRetry', 'Running', 'Completed'],
  );
  const pauses = [2, 4].map(
    (index) => Date.parse(states[index + 1]?.timestamp ?? '') - Date.parse(states[index]?.timestamp ?? ''),
  );
  assert.ok((pauses[0] ?? 0) >= 95 && (pauses[1] ?? 0) >= 195, `it paused ${pauses.join(' and ')} ms`);
  assert.equal((await taskRuns(run, 1)).length, 1);
});

test('what tasks of a transaction keep is there for their hooks after a kill, and what they did is taken back', async () => {
  writeFileSync(join(folder, 'kill'), '');
  assert.doesNotMatch(await runFlow('saga'), /undo|failed/);
  const run = await newestRun('saga');
  // The next process that runs something brings what the journal had; that server itself notices no process that is
  // gone.
  await runFlow('fails');
  await ask(`/flow_runs/${run.id}/set_state`, { state: { type: 'CRASHED', name: 'Crashed' }, force: true });
  await taskRuns(run, 2);
  const seen = await ostinato('flow-run', 'retry', run.name);
  assert.deepEqual(seen.match(/^undo .*$/gm), ['undo kept b b b', 'undo kept a a a'], seen);
  assert.doesNotMatch(seen, /put-\d .*Completed/, 'what was finished is taken over');
  await until('both are rolled back', async () => {
    const names = (await taskRuns(run, 2)).map(({ state_name: name }) => name);
    return names.every((name) => name === 'RolledBack') ? names : null;
  });
});

test('failures that were answered stand after a kill, and a question to a person is kept there', async () => {
  writeFileSync(join(folder, 'kill'), '');
  assert.deepEqual((await runFlow('answers')).match(/^did .*$/gm), ['did down', 'did fallback', 'did spare']);
  const run = await newestRun('answers');
  await runFlow('fails');
  await ask(`/flow_runs/${run.id}/set_state`, { state: { type: 'CRASHED', name: 'Crashed' }, force: true });
  await taskRuns(run, 4);
  const seen = await ostinato('flow-run', 'retry', run.name);
  assert.deepEqual(seen.match(/^(?:did|went) .*$/gm), ['went instead of no answer, nothing, true'], seen);
  const names = (await taskRuns(run, 5)).map(({ state_name: name }) => name);
  assert.deepEqual(names.toSorted(), ['Defaulted', 'Failed', 'Failed', 'FellBack', 'WentOn']);
  const message = (await statesOf('flow', run.id)).at(-1)?.message;
  assert.equal(message, '1 optional step failed: spare. 1 step fell back: down.');
});

test('cached results are found by later processes of the home', async () => {
  assert.match(await runFlow('cached'), /^\[2,2,3\]$/m);
  const first = await taskRuns(await newestRun('cached'), 3);
  assert.deepEqual(
    first.map(({ state_name: name }) => name),
    ['Completed', 'Cached', 'Completed'],
  );
  assert.match(await runFlow('cached'), /^\[2,2,3\]$/m);
  const second = await taskRuns(await newestRun('cached'), 3);
  assert.deepEqual(
    second.map(({ state_name: name }) => name),
    ['Cached', 'Cached', 'Cached'],
  );
});

test('a run that is cancelled there stops here', async () => {
  const program = start([PROGRAM, 'waits'], server.apiUrl);
  await until('it waits', () => Promise.resolve(program.text().includes('waiting\n') ? true : null));
  const { id } = await newestRun('waits');
  await ask(`/flow_runs/${id}/set_state`, { state: { type: 'CANCELLING', name: 'Cancelling' }, force: false });
  await program.ended;
  assert.deepEqual(await namesOf('flow', id), ['Pending', 'Running', 'Cancelling', 'Cancelled']);
});

test('the command line reads what is there', async () => {
  const run = await newestRun('pipeline');
  const listed = JSON.parse(await ostinato('flow-run', 'ls', '-o', 'json', '--limit', '100')) as {
    readonly name: string;
    readonly flow_name: string;
  }[];
  assert.ok(listed.some((each) => each.name === run.name && each.flow_name === 'pipeline'));
  assert.match(
    await ostinato('flow-run', 'inspect', run.name),
    /parameters\s+\{"day":"2030-01-01","items":\[1,2,3\]\}/,
  );
  assert.match(await ostinato('flow-run', 'logs', run.name), /loading 2030-01-01/);
  assert.match(await ostinato('why', (await newestRun('fails')).name), /RangeError: no such disk/);
});

test('while the server is away runs go on; later it has them whole and once, tasks with their times', async () => {
  await proxy.goDown();
  assert.match(await runFlow('pipeline', proxy.apiUrl), /^\{"first":2,"total":12,"inner":20\}$/m);
  const earlier = await newestRun('pipeline');
  await proxy.comeUp();
  // Every third answer is lost: what was carried out must not be carried out twice.
  proxy.fate = (count) => (count % 3 === 0 ? { kind: 'lose-answer' } : { kind: 'pass' });
  const endedAt = new Date().toISOString();
  assert.match(await ostinato('sync'), /are recorded by the server/);
  proxy.fate = () => ({ kind: 'pass' });
  const run = await ended('pipeline');
  assert.notEqual(run.id, earlier.id);
  assert.deepEqual(await namesOf('flow', run.id), ['Pending', 'Running', 'Completed']);
  const tasks = await taskRuns(run, 8);
  assert.equal(tasks.length, 8);
  for (const task of tasks.filter(({ task_key: key }) => !key.startsWith('flow:')))
    assert.ok(task.end_time < endedAt, `${task.name} ended before it was told`);
  assert.equal((await newestRun('part')).parent_task_run_id, only(tasks, 'part').id);
  const logs = await ask<{ message: string }[]>('/logs/filter', { logs: { flow_run_id: { any_: [run.id] } } });
  assert.equal(logs.filter(({ message }) => message.startsWith('loading')).length, 1);
  const kept = readdirSync(join(folder, 'home'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.journal'),
  );
  assert.deepEqual(kept, []);
});
