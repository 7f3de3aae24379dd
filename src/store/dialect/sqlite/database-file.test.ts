/**
 * The look at the file beside somebody who writes and checkpoints as fast as he can: no false alarm, whenever it falls.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

import { DatabaseFile } from './database-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-database-file-'));
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

/** Each round makes the file longer, copies the log into it, and lets the log begin anew. */
const WRITER = `
  const { DatabaseSync } = require('node:sqlite');
  const { workerData } = require('node:worker_threads');
  const db = new DatabaseSync(workerData);
  const insert = db.prepare('INSERT INTO t (body) VALUES (randomblob(3000))');
  for (let round = 0; round < 400; round += 1) {
    for (let row = 0; row < 5; row += 1) insert.run();
    db.exec(round % 3 === 0 ? 'PRAGMA wal_checkpoint(RESTART)' : 'PRAGMA wal_checkpoint(PASSIVE)');
  }
  db.close();
`;

test('checkpoints of others are never taken for somebody who writes over the file', async () => {
  const path = join(folder, 'busy.db');
  const own = new DatabaseSync(path);
  own.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, body BLOB)');
  const file = new DatabaseFile(path);
  const writer = new Worker(WRITER, { eval: true, workerData: path });
  let isOver = false;
  const ended = new Promise<void>((resolve, reject) => {
    writer.once('error', reject);
    writer.once('exit', () => resolve(void (isOver = true)));
  });
  let looks = 0;
  while (!isOver) {
    for (let index = 0; index < 50; index += 1) assert.equal(file.trouble(), null, `look ${(looks += 1)}`);
    await turn();
  }
  await ended;
  assert.ok(looks > 1000, `${looks} looks`);
  own.close();
});

test('a file that is written over is told, with others at work or not', () => {
  const path = join(folder, 'over.db');
  const own = new DatabaseSync(path);
  own.exec(
    'PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, body BLOB); INSERT INTO t (body) VALUES (1)',
  );
  const file = new DatabaseFile(path);
  assert.equal(file.trouble(), null);
  writeFileSync(path, 'no database');
  assert.equal(file.trouble(), 'overwritten');
  own.close();
});
