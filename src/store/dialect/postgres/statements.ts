/** Storage logic on PostgreSQL connections: whoever runs the work awaits the answer of each statement. */

import type { QueryConfig, QueryResult } from 'pg';
import { types } from 'pg';
import type { Statements, Value, Work } from '../../driver.ts';
import { postgresDialect } from './dialect.ts';

/** Where statements are sent: one connection, or a pool. */
export interface Sender {
  query(query: QueryConfig): Promise<QueryResult>;
}

/** The pending answer of one statement. */
class PendingAnswer<T> implements Work<T>, Iterator<Promise<unknown>, T, unknown> {
  readonly #answer: Promise<T>;
  #isAsked = false;

  constructor(answer: Promise<T>) {
    this.#answer = answer;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(settled: unknown): IteratorResult<Promise<unknown>, T> {
    if (this.#isAsked) return { done: true, value: settled as T };
    this.#isAsked = true;
    return { done: false, value: this.#answer };
  }

  /** The statement failed: so does the work, unless it catches the error. */
  throw(error: unknown): never {
    throw error;
  }
}

/** Runs the work to its end. */
export async function awaited<T>(work: Work<T>): Promise<T> {
  const steps = work[Symbol.iterator]();
  let step = steps.next(undefined);
  while (step.done !== true) {
    let settled: unknown;
    try {
      settled = await step.value;
    } catch (error) {
      if (steps.throw === undefined) throw error;
      step = steps.throw(error);
      continue;
    }
    step = steps.next(settled);
  }
  return step.value;
}

/** Key of the advisory lock that writers of numbered rows take first, so that the numbers are in commit order. */
export const NUMBERS_LOCK = 0x05713a70;
/** Channel on which other processes are notified of commits of numbered rows. */
export const COMMIT_CHANNEL = 'ostinato_commit';

/** The state of numbering in one transaction. */
export interface TransactionNumbers {
  /** Id of the committing process, for the processes that are notified. */
  readonly writer: string;
  areTaken: boolean;
}

/** @param numbers of the transaction; `null` outside any: rows are only numbered inside */
export function statementsOn(sender: Sender, numbers: TransactionNumbers | null): Statements {
  const ask = <T>(query: QueryConfig, read: (result: QueryResult) => T): Work<T> =>
    new PendingAnswer(sender.query(query).then(read));
  return {
    dialect: postgresDialect,
    all: <Row>(sql: string, ...values: readonly Value[]): Work<readonly Row[]> =>
      ask(prepared(sql, values), ({ rows }) => rows as readonly Row[]),
    get: <Row>(sql: string, ...values: readonly Value[]): Work<Row | undefined> =>
      ask(prepared(sql, values), ({ rows }) => rows[0] as Row | undefined),
    one: <Row, T>(sql: string, read: (row: Row) => T, ...values: readonly Value[]): Work<T | null> =>
      ask(prepared(sql, values), ({ rows }) => (rows[0] === undefined ? null : read(rows[0] as Row))),
    once: <Row>(sql: string, values: readonly Value[]): Work<readonly Row[]> =>
      ask(unprepared(sql, values), ({ rows }) => rows as readonly Row[]),
    run: (sql, ...values) => ask(prepared(sql, values), ({ rowCount }) => rowCount ?? 0),
    insert: (key, sql, ...values) =>
      ask(
        prepared(`${sql} RETURNING ${key}`, values),
        ({ rows }) => (rows[0] as Record<string, number> | undefined)?.[key] ?? null,
      ),
    *takeNumbers() {
      if (numbers === null || numbers.areTaken) return;
      numbers.areTaken = true;
      // Notified with the commit, and not at all on rollback.
      const lock = 'SELECT pg_advisory_xact_lock(?), pg_notify(?, ?)';
      yield* ask(prepared(lock, [NUMBERS_LOCK, COMMIT_CHANNEL, numbers.writer]), () => undefined);
    },
    // No rows are cached here.
    forgetFlowRun: () => undefined,
  };
}

interface Numbered {
  readonly text: string;
  readonly name: string;
}

/**
 * Texts of statements that are remembered: the logic has some hundreds, compiled lists are bounded by the kept shapes.
 */
const STATEMENTS_MAX = 2000;
const numberedStatements = new Map<string, Numbered>();

/** A statement with a name that is stable for its text, so that each connection prepares it once. */
export function prepared(sql: string, values: readonly Value[]): QueryConfig {
  let found = numberedStatements.get(sql);
  if (found === undefined) {
    found = { text: numbered(sql), name: `s${numberedStatements.size}` };
    // A name is never reused for another text, since connections remember it.
    if (numberedStatements.size < STATEMENTS_MAX) numberedStatements.set(sql, found);
    else return unprepared(sql, values);
  }
  return { ...found, values: values.map(bound), types: PARSERS };
}

function unprepared(sql: string, values: readonly Value[]): QueryConfig {
  return { text: numbered(sql), values: values.map(bound), types: PARSERS };
}

/** `$1`, `$2` … in place of each `?`. No statement has a `?` inside a text literal. */
function numbered(sql: string): string {
  let position = 0;
  return sql.replaceAll('?', () => `$${(position += 1)}`);
}

/**
 * PostgreSQL's text cannot contain a zero byte, which messages and names of users may. It is stored as two characters
 * of the private use area; the first of them, where it occurs itself, is stored doubled.
 */
const MARK = '\uE000';
const KEPT: Readonly<Record<string, string>> = { '\0': `${MARK}\uE001`, [MARK]: `${MARK}\uE002` };
const MEANT: Readonly<Record<string, string>> = { '\uE001': '\0', '\uE002': MARK };

function bound(value: Value): Value {
  if (typeof value !== 'string' || !(value.includes('\0') || value.includes(MARK))) return value;
  return value.replaceAll(/[\0\uE000]/g, (character) => KEPT[character] as string);
}

function readText(text: string): string {
  return text.includes(MARK) ? text.replaceAll(/\uE000(.)/g, (pair, second: string) => MEANT[second] ?? pair) : text;
}

/** Instants and counts are 64-bit integers below 2^53. Keyed by type OID, which all servers share. */
const READERS: Readonly<Record<number, (text: string) => unknown>> = {
  20: Number,
  1700: Number,
  25: readText,
  1043: readText,
};

const PARSERS = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    READERS[oid] ?? types.getTypeParser(oid, format as 'text'),
} as NonNullable<QueryConfig['types']>;
