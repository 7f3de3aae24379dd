import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isFileLockHeld, takeFileLock, underLock } from './file-lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-lock-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Takes the lock, says when it begins and ends to hold it alone, and is killed while it still holds it. */
const HOLDER = `
const { takeFileLock } = await import(process.argv[1]);
const { appendFileSync } = await import('node:fs');
const [, , path, log] = process.argv;
let lock = null;
while ((lock = takeFileLock(path, 0)) === null) await new Promise((resolve) => setTimeout(resolve, 1));
appendFileSync(log, 'begins ' + process.pid + '\\n');
await new Promise((resolve) => setTimeout(resolve, 5));
appendFileSync(log, 'ends ' + process.pid + '\\n');
process.kill(process.pid, 'SIGKILL');
lock.release();
`;

test('a lock is held by one, in one process too, until it is released', () => {
  const path = join(folder, 'below', 'one.lock');
  assert.equal(isFileLockHeld(path), false);
  const lock = takeFileLock(path, 0);
  assert.ok(lock);
  assert.equal(isFileLockHeld(path), true);
  assert.equal(takeFileLock(path, 0), null);
  lock.release();
  lock.release();
  assert.equal(isFileLockHeld(path), false);
  assert.equal(
    underLock(path, () => takeFileLock(path, 0)),
    null,
  );
});

test('a file that is no lock is taken as one; a place where none can be is told', () => {
  const path = join(folder, 'text.lock');
  writeFileSync(path, 'a line of text that is longer than the head of a database '.repeat(20));
  takeFileLock(path, 0)?.release();
  assert.throws(() => takeFileLock(join(path, 'below'), 0), { code: 'store-unavailable' });
});

test('of many that wait for a lock whose holders are killed one has it at a time, and each comes to it', async () => {
  const [path, log] = [join(folder, 'many.lock'), join(folder, 'many')];
  writeFileSync(log, '');
  const module = join(import.meta.dirname, 'file-lock.ts');
  const words = ['--input-type=module', '--eval', HOLDER, module, path, log];
  const holders = Array.from({ length: 6 }, () => spawn(process.execPath, words, { stdio: 'inherit' }));
  const signals = await Promise.all(
    holders.map((child) => new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)))),
  );
  assert.deepEqual(
    signals,
    Array.from({ length: 6 }, () => 'SIGKILL'),
  );
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  const begun = lines.filter((line) => line.startsWith('begins '));
  assert.equal(new Set(begun).size, holders.length);
  assert.deepEqual(
    lines,
    begun.flatMap((line) => [line, line.replace('begins', 'ends')]),
  );
  takeFileLock(path, 0)?.release();
  assert.equal(isFileLockHeld(path), false);
});
