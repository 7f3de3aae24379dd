/**
 * Commands and flows on a database that another process holds locked: a flow's steps go on, a command says what it
 * waits for.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';

import { startOstinato, until } from './background.ts';
import { makePlace, type Place } from './launch.ts';

function lock({ home }: Place): { readonly letGo: () => void } {
  const db = new DatabaseSync(join(home, 'ostinato.db'), { timeout: 10_000 });
  db.exec('BEGIN IMMEDIATE');
  return {
    letGo() {
      db.exec('ROLLBACK');
      db.close();
    },
  };
}

test('a command says what it waits for, and does its work when the lock is free', async () => {
  const place = makePlace();
  assert.equal((await place.ostinato(['variable', 'set', 'a', '1'])).exitCode, 0);
  const { letGo } = lock(place);
  const command = startOstinato(place, ['variable', 'set', 'b', '2']);
  await until('it says what it waits for', () =>
    /Waiting for the database .*holds it locked/.test(command.text().stderr),
  );
  assert.equal((await place.ostinato(['variable', 'get', 'a'])).exitCode, 0, 'reading needs no turn');
  letGo();
  assert.equal((await command.ended).exitCode, 0);
  assert.match((await place.ostinato(['variable', 'get', 'b'])).stdout, /2/);
});

test('a flow goes on while its database is locked, and everything is recorded when it is free', async () => {
  const place = makePlace();
  const child = spawn(process.execPath, [join(import.meta.dirname, 'restored-program.ts'), place.project, 'alone'], {
    cwd: place.project,
    env: { PATH: process.env['PATH'], HOME: place.home, OSTINATO_HOME: place.home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  try {
    await until('part 1 is done', () => said.includes('part 1 done'));
    const { letGo } = lock(place);
    writeFileSync(join(place.project, '1'), '');
    await until('part 2 is done, though nothing can be written', () => said.includes('part 2 done'));
    await until('it says that recording is interrupted', () =>
      /Recording is interrupted, the runs go on: .*locked by another process/.test(said),
    );
    letGo();
    writeFileSync(join(place.project, '2'), '');
    assert.equal(await ended, 0, said);
  } finally {
    child.kill('SIGKILL');
  }
  const db = new DatabaseSync(join(place.home, 'ostinato.db'), { readOnly: true });
  assert.equal(db.prepare("SELECT count(*) AS n FROM task_run WHERE state_type = 'COMPLETED'").get()?.['n'], 30);
  assert.equal(db.prepare("SELECT count(*) AS n FROM flow_run WHERE state_type = 'COMPLETED'").get()?.['n'], 1);
  db.close();
});
