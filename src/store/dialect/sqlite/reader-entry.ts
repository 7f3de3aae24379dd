/** Entry file of the thread in `reader-thread.ts`. */

import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { LOCK_WAIT_MS } from './lock-patience.ts';
import { FOLD_CASE, foldCase } from './fold-case.ts';
import type { ReadAnswer, ReadRequest } from './reader-thread.ts';

const STATEMENTS_MAX = 500;

const { path } = workerData as { readonly path: string };
const db = new DatabaseSync(path, { readOnly: true, timeout: LOCK_WAIT_MS });
db.exec('PRAGMA cache_size = -2048; PRAGMA temp_store = MEMORY');
db.function(FOLD_CASE, { deterministic: true }, foldCase);
const statements = new Map<string, StatementSync>();

function statementFor(sql: string): StatementSync {
  const known = statements.get(sql);
  if (known) return known;
  if (statements.size >= STATEMENTS_MAX) statements.clear();
  const statement = db.prepare(sql);
  statements.set(sql, statement);
  return statement;
}

function answer({ id, sql, values }: ReadRequest): ReadAnswer {
  try {
    const startedAt = performance.now();
    const rows = statementFor(sql).all(...values);
    return { id, rows, microseconds: Math.round((performance.now() - startedAt) * 1000) };
  } catch (error) {
    return { id, failure: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on('message', (request: ReadRequest) => parentPort?.postMessage(answer(request)));
