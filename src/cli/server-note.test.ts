import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import type { Instant } from '../core/time.ts';
import { findServer } from '../platform/server-record.ts';
import { leaveNote } from './server-note.ts';

const now = 1_790_000_000_000_000 as Instant;
const facts = { url: 'http://127.0.0.1:1', database: 'sqlite::memory:', startedAt: now };

test('a note that a disk does not take is told of, left later, and taken away at the end', async (t) => {
  const home = join(mkdtempSync(join(tmpdir(), 'ostinato-note-')), 'home');
  t.after(() => rmSync(join(home, '..'), { recursive: true, force: true }));
  writeFileSync(home, 'a file where the folder has to be');
  const said: string[] = [];
  const takeAway = leaveNote(home, facts, (line) => said.push(line), 5);
  assert.match(
    said.join(''),
    /Could not write the note .* a file is where a folder has to be\. The server serves all the same/,
  );
  rmSync(home);
  mkdirSync(home);
  while (findServer(home, now) === null) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(said.length, 1);
  takeAway();
  assert.deepEqual(readdirSync(home), []);
});

test('the end of a server does not fail for a note that cannot be taken away', (t) => {
  const home = mkdtempSync(join(tmpdir(), 'ostinato-note-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const takeAway = leaveNote(home, facts, () => assert.fail('it can be written'));
  rmSync(home, { recursive: true });
  takeAway();
});
