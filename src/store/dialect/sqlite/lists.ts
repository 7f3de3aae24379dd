/**
 * The lists, behind a dynamic import: they are compiled by Kysely, whose modules take some 130 ms to load, and running a
 * flow must not wait for them. They answer by promise until it is loaded, at once from then on.
 */

import { OstinatoError } from '../../../core/errors.ts';
import type { StateType } from '../../../core/state.ts';
import type { Storage, Stored } from '../../port.ts';
import type { CompiledList } from '../../queries/context.ts';
import type { ListQueries } from '../../queries/list-queries.ts';
import { readId, type IdValue } from '../../id-value.ts';
import { readArtifactRow } from '../../rows/artifact.ts';
import { readFlowRow, readFlowRunRow, type FlowRow } from '../../rows/flow-run.ts';
import { readLogRow } from '../../rows/log.ts';
import { readTaskRunRow } from '../../rows/task-run.ts';
import { readVariableRow } from '../../rows/variable.ts';
import type { Connection } from './connection.ts';
import { listFlowRunsByHolder, readFlowRun } from './flow-runs.ts';

type Listing = Pick<
  Storage,
  'find' | 'count' | 'listFlowRuns' | 'countFlowRuns' | 'listFlows' | 'listTaskRuns' | 'countTaskRuns' | 'readLogs' | 'listArtifacts' | 'listVariables'
>;

export function listsOn(connection: Connection): Listing {
  const rows = queryRunner(connection);
  return {
    find: () => { throw new OstinatoError('unsupported', 'Lists by condition are not there yet.'); },
    count: () => { throw new OstinatoError('unsupported', 'Lists by condition are not there yet.'); },
    listFlowRuns: (filter, page) =>
      listFlowRunsByHolder(connection, filter, page) ?? rows((queries) => queries.flowRuns(filter, page), mapRows(readFlowRunRow)),
    countFlowRuns: (filter) => rows((queries) => queries.flowRunCount(filter), (found: readonly CountRow[]) => found[0]?.count ?? 0),
    listFlows: (page) =>
      rows((queries) => queries.flows(page), mapRows((row: FlowSummaryRow) => ({
        ...readFlowRow(row),
        runCount: row.run_count,
        lastRun: row.last_run_id === null ? null : readFlowRun(connection, readId(row.last_run_id)),
      }))),
    listTaskRuns: (filter, page) => rows((queries) => queries.taskRuns(filter, page), mapRows(readTaskRunRow)),
    countTaskRuns: (filter) => rows((queries) => queries.taskRunCounts(filter), readCountsByState),
    readLogs: (filter, page) => rows((queries) => queries.logs(filter, page), mapRows(readLogRow)),
    listArtifacts: (filter, page) => rows((queries) => queries.artifacts(filter, page), mapRows(readArtifactRow)),
    listVariables: (page) => rows((queries) => queries.variables(page), mapRows(readVariableRow)),
  };
}

interface CountRow {
  readonly count: number;
}

interface FlowSummaryRow extends FlowRow {
  readonly run_count: number;
  readonly last_run_id: IdValue | null;
}

function readCountsByState(rows: readonly (CountRow & { readonly state_type: StateType })[]): Partial<Record<StateType, number>> {
  return Object.fromEntries(rows.map((row) => [row.state_type, row.count]));
}

function mapRows<Row, Item>(read: (row: Row) => Item): (rows: readonly Row[]) => readonly Item[] {
  return (rows) => rows.map((row) => read(row));
}

type Compile = (queries: ListQueries) => CompiledList;

/** Compiles one list, runs it and reads its rows. */
function queryRunner(connection: Connection): <Row, Answer>(compile: Compile, read: (rows: readonly Row[]) => Answer) => Stored<Answer> {
  let queries: ListQueries | null = null;
  const run = <Row, Answer>(loaded: ListQueries, compile: Compile, read: (rows: readonly Row[]) => Answer): Answer =>
    connection.read(() => {
      const { sql, parameters } = compile(loaded);
      return read(connection.db.prepare(sql).all(...(parameters as (string | number | null | Uint8Array)[])) as unknown as Row[]);
    });
  return (compile, read) => {
    if (queries) return run(queries, compile, read);
    return import('./list-queries.ts').then((dialect) => {
      if (!queries) connection.db.function(dialect.FOLD_CASE, { deterministic: true }, (text) => String(text).toLowerCase());
      queries ??= dialect.sqliteListQueries();
      return run(queries, compile, read);
    });
  };
}
