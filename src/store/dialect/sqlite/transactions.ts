/** The transactions of one connection; the rules are at the top of `connection.ts`. */

import type { DatabaseSync } from 'node:sqlite';
import { assert, OstinatoError } from '../../../core/errors.ts';
import type { Connection } from './connection.ts';
import { storeFailure } from './failure.ts';

/** Returned by a transaction's work to roll it back. */
export const ROLL_BACK = Symbol('roll back');

/**
 * @param onCommit is called after each transaction that was committed and has changed something: whoever looks by a
 * write whether there is something to do must not be told of his own look
 */
export function transactions(
  path: string,
  db: DatabaseSync,
  onCommit: () => void,
): Pick<Connection, 'write' | 'group'> {
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');
  const inGroup = savepoints(path, db);
  const changes = db.prepare('SELECT total_changes() AS count');
  let toldOf = 0;
  const tell = (): void => {
    const count = Number(changes.get()?.['count']);
    if (count === toldOf) return;
    toldOf = count;
    onCommit();
  };
  let isGrouped = false;
  return {
    group(works) {
      assert(!db.isTransaction, 'transactions of the store do not nest');
      try {
        begin.run();
        isGrouped = true;
        for (const work of works) {
          // SQLite ends the whole transaction on a full disk: what follows would be outside any.
          if (!db.isTransaction)
            throw new OstinatoError('store-unavailable', `The database ${path} gave the transaction up.`, {
              remedy: 'Free some space on its disk, and try again: nothing was done.',
            });
          work();
        }
        isGrouped = false;
        commit.run();
        tell();
      } catch (error) {
        if (db.isOpen && db.isTransaction) rollback.run();
        throw storeFailure(error, path);
      } finally {
        isGrouped = false;
      }
    },
    write(work) {
      if (isGrouped) return inGroup(work);
      assert(!db.isTransaction, 'transactions of the store do not nest');
      try {
        begin.run();
        const answer = work();
        if (answer === ROLL_BACK) rollback.run();
        else {
          commit.run();
          tell();
        }
        return answer;
      } catch (error) {
        if (db.isOpen && db.isTransaction) rollback.run();
        throw storeFailure(error, path);
      }
    },
  };
}

/** Inside a group each write has a savepoint and fails alone. */
function savepoints(path: string, db: DatabaseSync): <T>(work: () => T) => T {
  const begin = db.prepare('SAVEPOINT one');
  const release = db.prepare('RELEASE one');
  const undo = db.prepare('ROLLBACK TO one');
  return (work) => {
    let isDone = false;
    begin.run();
    try {
      const answer = work();
      isDone = answer !== ROLL_BACK;
      return answer;
    } catch (error) {
      throw storeFailure(error, path);
    } finally {
      if (db.isTransaction) {
        if (!isDone) undo.run();
        release.run();
      }
    }
  };
}
