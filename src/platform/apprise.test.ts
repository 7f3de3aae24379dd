/** What is made of a Python that misbehaves; that Apprise sends is seen with the real one, in tests/compat. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { sendByApprise, type AppriseOrder } from './apprise.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-apprise-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const ORDER: AppriseOrder = { url: 'x://y', title: 't', body: 'b', type: 'info', targets: null, private: true };
const LONG = { waitMs: 60_000, runMs: 60_000 };

/** A program in the place of Python. */
function python(name: string, body: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!${process.execPath}\n${body}`);
  chmodSync(path, 0o755);
  return path;
}

test('a Python that is not there, has no Apprise, says nothing that can be read, or too much', async () => {
  const gone = await sendByApprise(join(folder, 'none'), ORDER, LONG);
  assert.equal(gone.outcome, 'missing');
  const bare = python('bare', 'console.log(JSON.stringify({ missing: true }))');
  assert.deepEqual(await sendByApprise(bare, ORDER, LONG), {
    outcome: 'missing',
    reason: `${bare} has no package apprise`,
  });
  const unread = { outcome: 'unfinished', reason: 'Apprise ended without an answer' };
  assert.deepEqual(await sendByApprise(python('dies', 'process.exit(3)'), ORDER, LONG), unread);
  const floods = python('floods', "setInterval(() => process.stdout.write('x'.repeat(65536)), 1)");
  assert.deepEqual(await sendByApprise(floods, ORDER, LONG), unread);
});

test('its order comes by standard input alone, and its environment is small', async () => {
  const echo = python(
    'echo',
    `const { readFileSync } = require('node:fs');
     const { url } = JSON.parse(readFileSync(0, 'utf8'));
     const names = Object.keys(process.env).filter((name) => name.startsWith('OSTINATO'));
     console.log(JSON.stringify({ sent: 1, names: [url], said: [...names, String(process.argv.join().includes(url))] }));`,
  );
  process.env['OSTINATO_SERVER_AUTH_STRING'] = 'me:secret';
  try {
    assert.deepEqual(await sendByApprise(echo, ORDER, LONG), {
      outcome: 'done',
      sent: 1,
      names: ['x://y'],
      said: ['false'],
      refused: [],
    });
  } finally {
    delete process.env['OSTINATO_SERVER_AUTH_STRING'];
  }
});

test('one that hangs is ended, and two of them keep the next ones waiting for so long', async () => {
  const hangs = python('hangs', 'setInterval(() => undefined, 1000)');
  const short = { waitMs: 60_000, runMs: 300 };
  const [first, second, third] = await Promise.all([
    sendByApprise(hangs, ORDER, short),
    sendByApprise(hangs, ORDER, short),
    sendByApprise(hangs, ORDER, { waitMs: 1, runMs: 300 }),
  ]);
  assert.deepEqual(
    [first, second, third].map((answer) => 'reason' in answer && answer.reason),
    [
      'Apprise was not done within 0.3 s',
      'Apprise was not done within 0.3 s',
      'too many others are being sent by Apprise',
    ],
  );
  // Their places are free again.
  assert.equal((await sendByApprise(join(folder, 'none'), ORDER, LONG)).outcome, 'missing');
});
