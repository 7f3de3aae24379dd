/**
 * The lists, behind a dynamic import: running a flow needs none, and must not wait for the modules that make their SQL. They
 * answer by promise until those are loaded, at once from then on.
 */

import { OstinatoError } from '../../../core/errors.ts';
import { chain } from '../../../core/maybe-promise.ts';
import type { StateType } from '../../../core/state.ts';
import type { Storage, Stored } from '../../port.ts';
import type { ListQueries } from '../../queries/list-queries.ts';
import type { Statement } from '../../queries/sql.ts';
import { pageRows } from '../../page.ts';
import { readId, type IdValue } from '../../id-value.ts';
import { readArtifactRow } from '../../rows/artifact.ts';
import { readFlowRow, readFlowRunRow, type FlowRow } from '../../rows/flow-run.ts';
import { readLogRow } from '../../rows/log.ts';
import { readTaskRunRow } from '../../rows/task-run.ts';
import { readVariableRow } from '../../rows/variable.ts';
import type { Connection } from './connection.ts';
import { FOLD_CASE, foldCase } from './fold-case.ts';
import { listFlowRunsByHolder, readFlowRun } from './flow-runs.ts';
import type { ListsByCondition } from './lists-by-condition.ts';
import type { ReaderThread } from './reader-thread.ts';

type Listing = Pick<
  Storage,
  'find' | 'count' | 'countBy' | 'runHistory' | 'averageLateness' | 'listFlowRuns' | 'countFlowRuns' | 'listFlows' | 'listTaskRuns' | 'countTaskRuns' | 'readLogs' | 'listArtifacts' | 'listVariables'
>;

/** @param reader for lists that take long; `null`: everything is read on this thread */
export function listsOn(connection: Connection, reader: ReaderThread | null): Listing {
  const load = loader(connection, reader);
  const rows = queryRunner(connection, load);
  const byCondition = <Answer>(ask: (lists: ListsByCondition) => Stored<Answer>): Stored<Answer> =>
    chain(load(), ({ conditions }) => ask(conditions));
  return {
    find: (noun, query) => {
      pageRows(query.limit || 1);
      return byCondition((lists) => lists.find(noun, query));
    },
    count: (noun, where) => byCondition((lists) => lists.count(noun, where)),
    countBy: (noun, field, where) => byCondition((lists) => lists.countBy(noun, field, where)),
    runHistory: (noun, request) => byCondition((lists) => lists.runHistory(noun, request)),
    averageLateness: (where, now) => byCondition((lists) => lists.averageLateness(where, now)),
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
    readLogs: (filter, page) => rows((queries) => queries.logs(filter, page), (found) => {
      const logs = mapRows(readLogRow)(found as never);
      return page.last === undefined ? logs : logs.toReversed();
    }),
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

interface LoadedLists {
  readonly queries: ListQueries;
  readonly conditions: ListsByCondition;
}

/** Loads what makes SQL of lists when the first is asked for. */
function loader(connection: Connection, reader: ReaderThread | null): () => Stored<LoadedLists> {
  let loaded: LoadedLists | null = null;
  return () => loaded ?? import('./list-queries.ts').then((dialect) => {
    if (loaded) return loaded;
    connection.db.function(FOLD_CASE, { deterministic: true }, foldCase);
    loaded = { queries: dialect.sqliteListQueries(), conditions: new dialect.ListsByCondition(connection, reader) };
    return loaded;
  });
}

/** A statement has room for 32,766 values, and takes long to prepare well before. */
const VALUES_MAX = 5_000;

type Compile = (queries: ListQueries) => Statement;

/** Compiles one list, runs it and reads its rows. */
function queryRunner(
  connection: Connection, load: () => Stored<LoadedLists>,
): <Row, Answer>(compile: Compile, read: (rows: readonly Row[]) => Answer) => Stored<Answer> {
  return <Row, Answer>(compile: Compile, read: (rows: readonly Row[]) => Answer) =>
    chain(load(), ({ queries }) =>
      connection.read(() => {
        const { sql, parameters } = compile(queries);
        if (parameters.length > VALUES_MAX) throw new OstinatoError('bad-input', `The filter compares with more than ${VALUES_MAX} values.`, { remedy: 'Ask for less at once.' });
        return read(connection.db.prepare(sql).all(...(parameters as (string | number | null | Uint8Array)[])) as unknown as Row[]);
      }));
}
