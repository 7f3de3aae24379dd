/** What a state of a task run costs in statements: a plain one none for tags and cache. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createUseCases } from '../../src/orchestrator/use-cases.ts';
import { createIdSource } from '../../src/platform/ids.ts';
import { openConnection } from '../../src/store/dialect/sqlite/connection.ts';
import { openSqliteStorage } from '../../src/store/dialect/sqlite/index.ts';
import { databaseOn, statementsOn } from '../../src/store/dialect/sqlite/statements.ts';
import type { ProposedState } from '../../src/core/state.ts';
import type { TaskRun } from '../../src/core/task-run.ts';
import type { Statements } from '../../src/store/driver.ts';
import { prefectClientTaskRunsOn } from '../../src/store/logic/prefect-client-task-runs.ts';
import { TaskShapes } from '../../src/store/logic/task-shapes.ts';
import { makeFlow, makeFlowRun, makeState, makeTaskRun, newInstant } from './samples.ts';

/** The statements, as they are made. */
function watched(statements: Statements, made: string[]): Statements {
  const noted = <Args extends readonly unknown[], Answer>(call: (sql: string, ...rest: Args) => Answer) =>
    ((sql: string, ...rest: Args) => (made.push(sql), call(sql, ...rest))) as never;
  return {
    ...statements,
    all: noted(statements.all),
    get: noted(statements.get),
    one: noted(statements.one),
    once: noted(statements.once),
    run: noted(statements.run),
    insert: (key, sql, ...values) => (made.push(sql), statements.insert(key, sql, ...values)),
  };
}

test('a task run without tags and cache key costs no statement for them', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-statements-'));
  const path = join(folder, 'ostinato.db');
  const storage = openSqliteStorage({ path });
  const connection = openConnection(path, { checkpointThread: false, onCommit: () => undefined });
  t.after(() => {
    connection.close();
    storage.close();
    rmSync(folder, { recursive: true });
  });
  const made: string[] = [];
  const database = databaseOn(connection, watched(statementsOn(connection), made));
  const cases = createUseCases({
    storage: { ...storage, ...prefectClientTaskRunsOn(database, new TaskShapes()) },
    clock: { now: newInstant },
    ids: createIdSource(),
    random: () => 0.5,
    liveness: () => ({ alive: true, evidence: 'It answers.' }),
  });
  const flow = await storage.ensureFlow('sales', () => makeFlow('sales'));
  const flowRun = makeFlowRun(flow, { state: makeState({ type: 'RUNNING' }) });
  await storage.insertFlowRun(flowRun, []);
  const task = async (tags: readonly string[]) => {
    const run = { ...makeTaskRun({ state: makeState() }), flowRunId: flowRun.id, tags };
    await storage.changeTaskRun({ id: run.id, naturalKey: null, flowRunId: null }, {}, () => ({ run, answer: null }));
    return run;
  };
  /** Tables that are read, in order; shapes of tasks are kept in memory once they are known. */
  const readFor = async ({ id }: TaskRun, state: ProposedState) => {
    made.length = 0;
    await cases.setTaskRunState({ id, state });
    const tables = made.flatMap((sql) => (sql.startsWith('SELECT') ? [/FROM (\w+)/.exec(sql)?.[1]] : []));
    return tables.filter((table) => table !== 'task_shape');
  };
  const [running, completed] = [{ type: 'RUNNING' }, { type: 'COMPLETED', data: null }] as const;
  const keyed = { ...running, details: { cacheKey: 'k' } };
  const plain = await task([]);
  assert.deepEqual(await readFor(plain, running), ['task_run', 'flow_run']);
  assert.deepEqual(await readFor(plain, completed), ['task_run']);
  assert.deepEqual(await readFor(await task([]), keyed), ['task_run', 'flow_run', 'task_state_cache']);
  const tagged = await task(['db']);
  assert.deepEqual(await readFor(tagged, running), ['task_run', 'flow_run', 'concurrency_limit', 'concurrency_lease']);
  assert.deepEqual(await readFor(tagged, completed), ['task_run', 'concurrency_lease']);
});
