import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EngineOutput } from './engine-output.ts';

function piece(stream: 1 | 2, text: string): Buffer {
  const bytes = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

test('both streams are told apart, wherever the bytes are cut', () => {
  const all = Buffer.concat([
    piece(1, 'one\ntw'),
    piece(2, 'bad\n'),
    piece(1, ''),
    piece(1, 'o é\n'),
    piece(2, 'rest'),
  ]);
  for (const size of [1, 2, 3, 7, 8, 9, 1000]) {
    const lines: string[] = [];
    const output = new EngineOutput((line, stream) => lines.push(`${stream}: ${line}`));
    for (let at = 0; at < all.length; at += size) output.take(all.subarray(at, at + size));
    output.end();
    assert.deepEqual(lines, ['stdout: one', 'stderr: bad', 'stdout: two é', 'stderr: rest'], `in pieces of ${size}`);
  }
});
