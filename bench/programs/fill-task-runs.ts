/**
 * `fill-task-runs COUNT PATH [EACH]`: puts finished task runs into a new database, a thousand in each flow run unless
 * `EACH` says otherwise. The first is written as the engine writes it, the others are copies of its rows with ids of
 * their own, made by SQL: ten million take minutes, not hours.
 */
import { DatabaseSync } from 'node:sqlite';

import { openFlowRun } from '../../src/core/rules/apply-flow-run.ts';
import type { FlowId, FlowRunId, StateId } from '../../src/core/ids.ts';
import { stampState } from '../../src/core/state.ts';
import { instantFromMs } from '../../src/core/time.ts';
import { createIdSource } from '../../src/platform/ids.ts';
import { openSqliteStorage } from '../../src/store/dialect/sqlite/index.ts';
import { makeRecord } from '../../tests/conformance/samples.ts';

const [count, path] = [Number(process.argv[2]), String(process.argv[3])];
const RUN_TASKS = Number(process.argv[4] ?? 1000);
const CHUNK = 200_000;

const storage = openSqliteStorage({ path });
const ids = createIdSource();
const now = instantFromMs(Date.now());
const flow = await storage.ensureFlow('many', () => ({
  id: ids.next<FlowId>(),
  name: 'many',
  tags: [],
  labels: {},
  createdAt: now,
}));
let first: FlowRunId | null = null;
for (let index = 0; index < count / RUN_TASKS; index += 1) {
  const { run } = await storage.insertFlowRun(
    openFlowRun(
      {
        id: ids.next<FlowRunId>(),
        flowId: flow.id,
        flowName: flow.name,
        name: `run-${index}`,
        flowVersion: null,
        parameters: { kind: 'inline', text: '{}', hash: 'h' },
        tags: [],
        labels: {},
        policy: { retries: 0, retryDelaySeconds: [], timeoutSeconds: null, resume: 'manual' },
        durability: 'process',
        parentTaskRunId: null,
        parentFlowRunId: null,
        idempotencyKey: null,
        entrypoint: null,
        lease: null,
        runner: 'ostinato',
        submission: null,
        createdAt: now,
      },
      stampState({ type: 'RUNNING' }, ids.next<StateId>(), now),
    ),
    [],
  );
  first ??= run.id;
}
await storage.writeTaskRuns([makeRecord({ flowRunId: first })], []);
storage.close();

const db = new DatabaseSync(path);
db.exec(
  'PRAGMA synchronous = OFF; PRAGMA cache_size = -262144; PRAGMA temp_store = MEMORY; CREATE TEMP TABLE parent (number INTEGER PRIMARY KEY, id BLOB)',
);
db.exec(
  'INSERT INTO parent SELECT row_number() OVER (ORDER BY id) - 1, id FROM flow_run; CREATE TEMP TABLE run AS SELECT * FROM task_run',
);
db.exec(
  'CREATE TEMP TABLE state AS SELECT task_run_state.* FROM task_run_state JOIN run ON run.state_id = task_run_state.id',
);

/** Ids that grow, as the engine's do. */
const idOf = (kind: string): string =>
  `unhex(printf('%012x7%03x8${kind}%014x', ${Date.now()} + number / 1000, number % 1000, number))`;
const columnsOf = (table: string): string[] =>
  db
    .prepare(`SELECT name FROM pragma_table_info('${table}')`)
    .all()
    .map((row) => String(row['name']));
const copy = (table: string, template: string, given: Readonly<Record<string, string>>): string => {
  const columns = columnsOf(table);
  return (
    `WITH RECURSIVE numbers (number) AS (SELECT ? UNION ALL SELECT number + 1 FROM numbers WHERE number + 1 < ?) INSERT INTO main.${table} (${columns.join(', ')}) ` +
    `SELECT ${columns.map((column) => given[column] ?? `template.${column}`).join(', ')} FROM numbers CROSS JOIN temp.${template} AS template`
  );
};
const parentOf = `(SELECT id FROM parent WHERE parent.number = CAST(numbers.number AS INTEGER) / ${RUN_TASKS})`;
const [runs, states] = [
  db.prepare(
    copy('task_run', 'run', {
      id: idOf('0'),
      flow_run_id: parentOf,
      state_id: idOf('1'),
      name: "'clean-' || number",
      dynamic_key: 'number',
    }),
  ),
  db.prepare(copy('task_run_state', 'state', { run_id: idOf('0'), id: idOf('1') })),
];
for (let start = 0; start < count; start += CHUNK) {
  const end = Math.min(count, start + CHUNK);
  db.exec('BEGIN');
  runs.run(start, end);
  states.run(start, end);
  db.exec('COMMIT');
}
db.close();
