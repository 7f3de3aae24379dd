/**
 * Reads and transactions on PostgreSQL.
 *
 * 1. A write is `SERIALIZABLE`: what it read is still so when it commits, or it fails and is made again from its
 *    beginning.
 * 2. A write that lost several times waits for the others that did: they go one after the other, by a lock that a
 *    connection holds before the transaction begins (inside, it would wait with a view of the database that grows old).
 *    After `ATTEMPTS_MAX` it is refused.
 * 3. A connection that is lost before the commit was sent takes its transaction with it: the write is made again on
 *    another. Lost with the commit, the server is asked what became of the transaction, by its number: committed is
 *    answered as if nothing had happened, anything else is made again. Where nobody can say (no server to ask, or
 *    another that has taken its place), the write fails as `store-unconfirmed`.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { Pool, PoolClient, QueryResult } from 'pg';
import { OstinatoError } from '../../../core/errors.ts';
import type { Database, Statements, Work } from '../../driver.ts';
import { isConnectionLost, isTransactionConflict, postgresFailure, unconfirmed } from './failure.ts';
import { awaited, statementsOn, type TransactionNumbers } from './statements.ts';

const ATTEMPTS_MAX = 30;
/** Number of conflicts after which a write waits in line with the others that lost as often. */
const LOSSES_BEFORE_QUEUE = 3;
const PAUSE_MS_MAX = 50;
const QUEUE_LOCK = 0x05713a71;
/** So often in a row a connection may be lost over one piece of work. */
const LOST_CONNECTIONS_MAX = 3;
/** How often, and with what pause, a server is asked what became of a transaction. */
const QUESTIONS_MAX = 20;
const QUESTION_PAUSE_MS = 100;

/** The writing process, and whom to call when numbered rows were committed. */
export interface Writer {
  readonly name: string;
  readonly onCommit: () => void;
}

const NOBODY: Writer = { name: '', onCommit: () => undefined };

export function databaseOn(pool: Pool, description: string, writer: Writer = NOBODY): Database {
  const reading = statementsOn(pool, null);
  return {
    description,
    mayCallAgain: true,
    async read(work) {
      for (let lost = 1; ; lost += 1) {
        try {
          return await awaited(work(reading));
        } catch (error) {
          if (!isConnectionLost(error) || lost > LOST_CONNECTIONS_MAX) throw postgresFailure(error, description);
        }
      }
    },
    write: (work) => write({ pool, description, writer }, work),
  };
}

interface WriteParts {
  readonly pool: Pool;
  readonly description: string;
  readonly writer: Writer;
}

async function write<T>(parts: WriteParts, work: (db: Statements) => Work<T>): Promise<T> {
  const { description } = parts;
  let connectionsLost = 0;
  for (let losses = 0; ; losses += 1) {
    try {
      const { answer, lostBy } = await attempt(parts, work, losses >= LOSSES_BEFORE_QUEUE);
      if (lostBy === null || (await isCommitted(parts, lostBy))) return answer;
      connectionsLost += 1;
      if (connectionsLost > LOST_CONNECTIONS_MAX) throw lostBy.error;
    } catch (error) {
      if (isConnectionLost(error)) connectionsLost += 1;
      const mayGoOn = isConnectionLost(error) ? connectionsLost <= LOST_CONNECTIONS_MAX : isTransactionConflict(error);
      if (!mayGoOn) throw postgresFailure(error, description);
      if (losses + 1 >= ATTEMPTS_MAX) throw lostTooOften(error, description);
    }
    await delay(Math.random() * Math.min(PAUSE_MS_MAX, 2 ** losses));
  }
}

/** A commit that was sent, and not answered. */
interface LostCommit {
  readonly transactionId: string;
  readonly error: unknown;
}

interface Attempt<T> {
  readonly answer: T;
  /** `null`: it is committed. */
  readonly lostBy: LostCommit | null;
}

/** Whether the transaction was committed. @throws `store-unconfirmed` where nobody can say */
async function isCommitted({ pool, description }: WriteParts, { transactionId, error }: LostCommit): Promise<boolean> {
  for (let question = 1; question <= QUESTIONS_MAX; question += 1) {
    try {
      const { rows } = await pool.query<{ readonly status: string | null }>(
        'SELECT pg_xact_status(CAST($1 AS xid8)) AS status',
        [transactionId],
      );
      const status = rows[0]?.status ?? null;
      if (status === null) break;
      // The server may still be at it.
      if (status !== 'in progress') return status === 'committed';
    } catch (failure) {
      // Of a transaction that it does not know it says so: it is another server.
      if (!isConnectionLost(failure)) break;
    }
    await delay(QUESTION_PAUSE_MS);
  }
  throw unconfirmed(description, error);
}

function lostTooOften(error: unknown, description: string): unknown {
  const failure = postgresFailure(error, description);
  if (OstinatoError.is(failure) && failure.code === 'conflict') return failure;
  return new OstinatoError(
    'store-unavailable',
    `The database ${description} has so much to do with the same rows that this was tried ${ATTEMPTS_MAX} times in vain. Nothing was done.`,
    { remedy: 'Try again in a moment.', cause: error },
  );
}

async function attempt<T>(
  { pool, writer }: WriteParts,
  work: (db: Statements) => Work<T>,
  isQueued: boolean,
): Promise<Attempt<T>> {
  const client = await pool.connect();
  let isUsable = true;
  // Between two statements nobody else hears of it; the next one fails.
  client.on('error', ignore);
  try {
    if (isQueued) await client.query('SELECT pg_advisory_lock($1)', [QUEUE_LOCK]);
    try {
      const made = await transaction(client, writer, work);
      isUsable = made.lostBy === null;
      return made;
    } finally {
      // Of a connection that is lost the server has taken it back.
      if (isQueued) await client.query('SELECT pg_advisory_unlock($1)', [QUEUE_LOCK]).catch(ignore);
    }
  } catch (error) {
    isUsable = await isIdle(client);
    throw error;
  } finally {
    client.removeListener('error', ignore);
    client.release(!isUsable);
  }
}

function ignore(): void {
  // Said elsewhere.
}

/** In one round trip: a transaction, and the number by which its fate can be asked for. */
const BEGIN = 'BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT CAST(pg_current_xact_id() AS text) AS id';

async function transaction<T>(
  client: PoolClient,
  writer: Writer,
  work: (db: Statements) => Work<T>,
): Promise<Attempt<T>> {
  const begun = (await client.query(BEGIN)) as unknown as readonly [unknown, QueryResult<{ readonly id: string }>];
  const transactionId = begun[1].rows[0]?.id ?? '';
  const numbers: TransactionNumbers = { writer: writer.name, areTaken: false };
  let answer: T;
  try {
    answer = await awaited(work(statementsOn(client, numbers)));
  } catch (error) {
    // Without an answer the connection is lost, and PostgreSQL rolls the transaction back.
    await client.query('ROLLBACK').catch(ignore);
    throw error;
  }
  try {
    await client.query('COMMIT');
  } catch (error) {
    // It may be committed: whoever listens looks in vain, at worst.
    if (isConnectionLost(error)) {
      if (numbers.areTaken) writer.onCommit();
      return { answer, lostBy: { transactionId, error } };
    }
    await client.query('ROLLBACK').catch(ignore);
    throw error;
  }
  if (numbers.areTaken) writer.onCommit();
  return { answer, lostBy: null };
}

/** Whether the connection may be used again. */
async function isIdle(client: PoolClient): Promise<boolean> {
  return await client.query('SELECT 1').then(
    () => true,
    () => false,
  );
}
