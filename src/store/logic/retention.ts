/** See `RetentionStorage`. */

import type { ArtifactId, FlowRunId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import type { Database, Statements, Value, Work } from '../driver.ts';
import { FIRST_ID, lookupBytes, readId, type IdValue } from '../id-value.ts';
import type { EndedRunPlace, RetentionStep, RetentionStorage } from '../port/retention.ts';
import { giveBackTaskSlots } from './concurrency.ts';
import { removeFlowRun, SELECT_DESCENDANTS } from './flow-runs.ts';
import { retireLogNumbers } from './logs.ts';

const TERMINAL = "('COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED')";
const IS_IDLE = (column: string): string =>
  `NOT EXISTS (SELECT 1 FROM flow_run WHERE flow_run.id = ${column} AND flow_run.state_type NOT IN ${TERMINAL})`;

/** Rows that one step looks at, including those that are skipped because active runs need them. */
const LOOKED_AT_MAX = 2000;

/** Tables with rows of task runs, and their column. */
const OF_TASK_RUNS = [
  ['task_run_state', 'run_id'],
  ['log', 'task_run_id'],
  ['artifact', 'task_run_id'],
  ['task_run', 'id'],
] as const;

interface IdRow {
  readonly id: IdValue;
}

export function retentionOn(database: Database): RetentionStorage {
  return {
    listEndedRuns: (endedBefore, after, limit) => database.read((db) => listEndedRuns(db, endedBefore, after, limit)),
    compactFlowRun: (id, limit) => {
      const bytes = lookupBytes(id);
      return bytes === null ? 0 : database.write((db) => thin(db, bytes, limit));
    },
    deleteTaskRunsBefore: (endedBefore, limit) =>
      database.write(function* (db) {
        const rows = yield* db.all<IdRow>(
          'SELECT id FROM task_run WHERE flow_run_id IS NULL AND end_time < ? ORDER BY flow_run_id, id LIMIT ?',
          endedBefore,
          limit,
        );
        return yield* removeTaskRuns(db, rows);
      }),
    deleteLogsBefore: (before, after, limit) =>
      database.write((db) => deleteLogsBefore(db, before, after ?? -1, limit)),
    listArtifactsBefore: (before, after, limit) => database.read((db) => listArtifactsBefore(db, before, after, limit)),
    findNeededResults: (keys, now) => database.read((db) => needed(db, keys, now)),
  };
}

function* listEndedRuns(
  db: Statements,
  endedBefore: Instant,
  after: EndedRunPlace | null,
  limit: number,
): Work<RetentionStep<readonly FlowRunId[], EndedRunPlace>> {
  const rows = yield* db.all<IdRow & { readonly end_time: Instant }>(
    `SELECT id, end_time FROM flow_run WHERE end_time < ? AND (end_time, id) > (?, ?) AND state_type IN ${TERMINAL} AND parent_task_run_id IS NULL ` +
      'ORDER BY end_time, id LIMIT ?',
    endedBefore,
    after?.endTime ?? Number.MIN_SAFE_INTEGER,
    bytesOf(after?.id),
    limit,
  );
  const found: FlowRunId[] = [];
  for (const { id } of rows) if (yield* isIdle(db, id)) found.push(readId<FlowRunId>(id));
  const last = rows.at(-1);
  return {
    found,
    next: last === undefined || rows.length < limit ? null : { endTime: last.end_time, id: readId<FlowRunId>(last.id) },
  };
}

function* deleteLogsBefore(
  db: Statements,
  before: Instant,
  after: number,
  limit: number,
): Work<RetentionStep<number, number>> {
  // Log rows are numbered nearly in the order of their times.
  const last = yield* lastLookedAt(
    db,
    'SELECT seq, timestamp AS made FROM log WHERE seq > ? AND seq < (SELECT max(seq) FROM log) ORDER BY seq',
    after,
    before,
  );
  if (last === null) return { found: 0, next: null };
  const rows = yield* db.all<{ readonly seq: number }>(
    `SELECT seq FROM log WHERE seq > ? AND seq <= ? AND timestamp < ? AND ${IS_IDLE('log.flow_run_id')} ORDER BY seq LIMIT ?`,
    after,
    last.key,
    before,
    limit,
  );
  const seqs = rows.map(({ seq }) => seq);
  if (seqs.length > 0)
    yield* db.run(`DELETE FROM log WHERE ${db.dialect.isOneOf('seq', 'number')}`, db.dialect.list('number', seqs));
  return {
    found: seqs.length,
    next: seqs.length === limit ? (seqs.at(-1) as number) : last.isEnd ? null : Number(last.key),
  };
}

function* listArtifactsBefore(
  db: Statements,
  before: Instant,
  after: ArtifactId | null,
  limit: number,
): Work<RetentionStep<readonly ArtifactId[], ArtifactId>> {
  // Nothing was changed before it was created, and ids are in order of creation.
  const last = yield* lastLookedAt(
    db,
    'SELECT id AS seq, created_at AS made FROM artifact WHERE id > ? ORDER BY id',
    bytesOf(after),
    before,
  );
  if (last === null) return { found: [], next: null };
  const rows = yield* db.all<IdRow>(
    `SELECT id FROM artifact WHERE id > ? AND id <= ? AND updated_at < ? AND ${IS_IDLE('artifact.flow_run_id')} ORDER BY id LIMIT ?`,
    bytesOf(after),
    last.key,
    before,
    limit,
  );
  const found = rows.map(({ id }) => readId<ArtifactId>(id));
  return {
    found,
    next:
      found.length === limit
        ? (found.at(-1) as ArtifactId)
        : last.isEnd
          ? null
          : readId<ArtifactId>(last.key as IdValue),
  };
}

function bytesOf(id: FlowRunId | ArtifactId | null | undefined): Uint8Array {
  return (id === null || id === undefined ? null : lookupBytes(id)) ?? FIRST_ID;
}

interface LookedAt {
  readonly last: number | IdValue | null;
  readonly count: number;
  readonly first: number | null;
}

/**
 * The last row that a step looks at, by its key; the end when no row follows, or when none of those looked at is old.
 * `null`: there is no row to look at.
 * @param rows selects `seq`, the key, and `made`, after the given key
 */
function* lastLookedAt(
  db: Statements,
  rows: string,
  after: Value,
  before: Instant,
): Work<{ readonly key: number | IdValue; readonly isEnd: boolean } | null> {
  const row = yield* db.get<LookedAt>(
    `WITH looked_at AS (${rows} LIMIT ${LOOKED_AT_MAX}) SELECT (SELECT seq FROM looked_at ORDER BY seq DESC LIMIT 1) AS last, ` +
      '(SELECT count(*) FROM looked_at) AS count, (SELECT min(made) FROM looked_at) AS first',
    after,
  );
  if (row === undefined || row.last === null) return null;
  return { key: row.last, isEnd: Number(row.count) < LOOKED_AT_MAX || Number(row.first) >= before };
}

function* isIdle(db: Statements, id: IdValue): Work<boolean> {
  return (
    (yield* db.get(
      `SELECT 1 AS found FROM flow_run WHERE id IN (${SELECT_DESCENDANTS}) AND state_type NOT IN ${TERMINAL} LIMIT 1`,
      id,
    )) === undefined
  );
}

/** Runs below it first, since they are found through their placeholder task run. */
function* thin(db: Statements, id: IdValue, limit: number): Work<number> {
  const family = yield* db.all<IdRow>(SELECT_DESCENDANTS, id);
  if (family.length === 0 || !(yield* isIdle(db, id))) return 0;
  let left = limit;
  for (const member of family.toReversed()) {
    const rows = yield* db.all<IdRow>(
      'SELECT id FROM task_run WHERE flow_run_id = ? ORDER BY id LIMIT ?',
      member.id,
      left,
    );
    left -= yield* removeTaskRuns(db, rows);
    if (left > 0) left -= yield* removeLogs(db, member.id, left);
    if (left <= 0) break;
    if (member !== family[0]) {
      yield* removeFlowRun(db, member.id);
      left -= 1;
    }
  }
  return limit - Math.max(0, left);
}

function* removeTaskRuns(db: Statements, rows: readonly IdRow[]): Work<number> {
  if (rows.length === 0) return 0;
  yield* retireLogNumbers(db);
  const list = db.dialect.list(
    'id',
    rows.map(({ id }) => readId(id)),
  );
  yield* giveBackTaskSlots(db, db.dialect.isOneOf('task_run.id', 'id'), list);
  for (const [table, column] of OF_TASK_RUNS)
    yield* db.run(`DELETE FROM ${table} WHERE ${db.dialect.isOneOf(column, 'id')}`, list);
  return rows.length;
}

function* removeLogs(db: Statements, flowRun: IdValue, limit: number): Work<number> {
  yield* retireLogNumbers(db);
  return yield* db.run(
    'DELETE FROM log WHERE seq IN (SELECT seq FROM log WHERE flow_run_id = ? LIMIT ?)',
    flowRun,
    limit,
  );
}

function* needed(db: Statements, keys: readonly string[], now: Instant): Work<readonly string[]> {
  const { isOneOf, jsonText, texts, occursIn } = db.dialect;
  const asked = db.dialect.list('text', keys);
  const [ofEntry, ofState] = [jsonText('data', ['key']), jsonText('state.body', ['data', 'key'])];
  const cached = yield* db.all<KeyRow>(
    `SELECT ${ofEntry} AS key FROM cache_entry WHERE (expires_at IS NULL OR expires_at > ?) AND ${isOneOf(ofEntry, 'text')}`,
    now,
    asked,
  );
  const active = yield* db.all<KeyRow>(
    `SELECT ${ofState} AS key FROM flow_run JOIN task_run ON task_run.flow_run_id = flow_run.id JOIN task_run_state AS state ON state.run_id = task_run.id ` +
      `WHERE flow_run.state_type NOT IN ${TERMINAL} AND ${isOneOf(ofState, 'text')}`,
    asked,
  );
  const parameters = yield* db.all<KeyRow>(
    `SELECT wanted.value AS key FROM ${texts('?', 'wanted')} WHERE EXISTS (SELECT 1 FROM flow_run WHERE state_type NOT IN ${TERMINAL} ` +
      `AND ${occursIn('wanted.value', 'parameters')})`,
    JSON.stringify(keys),
  );
  return [...new Set([...cached, ...active, ...parameters].map(({ key }) => String(key)))];
}

interface KeyRow {
  readonly key: string;
}
