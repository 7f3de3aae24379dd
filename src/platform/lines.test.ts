import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LineCutter } from './lines.ts';

function cut(...pieces: readonly (string | Buffer)[]): string[] {
  const lines: string[] = [];
  const cutter = new LineCutter((line) => lines.push(line));
  for (const piece of pieces) cutter.take(Buffer.from(piece as string));
  cutter.end();
  return lines;
}

test('lines, however they come in pieces; the last one needs no end', () => {
  assert.deepEqual(cut('a\nb', 'c\r\n\nd'), ['a', 'bc', '', 'd']);
  const euro = Buffer.from('5 €\n');
  assert.deepEqual(cut(euro.subarray(0, 3), euro.subarray(3)), ['5 €']);
  assert.deepEqual(cut(), []);
});

test('a line without an end takes bounded memory: it comes in pieces', () => {
  const lines = cut(...Array.from({ length: 10 }, () => 'x'.repeat(10_000)), '\n');
  assert.equal(lines.join(''), 'x'.repeat(100_000));
  assert.ok(lines.every(({ length }) => length <= 16 * 1024));
});
