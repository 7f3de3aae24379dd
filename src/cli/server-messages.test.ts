import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OstinatoError } from '../core/errors.ts';
import type { Instant } from '../core/time.ts';
import { failureTeller } from './server-messages.ts';

test('the same failure is told once, and again with its number', () => {
  const lines: string[] = [];
  let seconds = 100;
  const tell = failureTeller((line) => lines.push(line), { now: () => (seconds * 1_000_000) as Instant });
  const full = new OstinatoError('store-full', 'The disk is full.', { remedy: 'Free some space.' });
  for (let request = 0; request < 5; request += 1) tell(`POST /api/${request} failed`, full);
  assert.deepEqual(lines, ['POST /api/0 failed: The disk is full. Free some space.\n'], 'no stack, and what to do');
  tell('GET /api/x failed', new OstinatoError('store-corrupt', 'It is damaged.'));
  assert.equal(lines.length, 2, 'another failure');
  seconds += 11;
  tell('POST /api/6 failed', full);
  assert.equal(
    lines[2],
    'POST /api/6 failed: The disk is full. Free some space. (and 4 times since it was told last)\n',
  );
  tell('GET /api/y failed', new Error('a defect'));
  assert.match(lines[3] ?? '', /a defect\n +at .*server-messages\.test\.ts/);
  for (let kind = 0; kind < 200; kind += 1) tell('many kinds', `${kind}`);
  tell('many kinds', '199');
  tell('many kinds', '0');
  assert.equal(lines.length, 4 + 200 + 1, 'old kinds are forgotten, new ones are not');
});
