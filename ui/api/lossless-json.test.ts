import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseLossless, printJson } from './lossless-json.ts';

test('numbers are printed as they were written', () => {
  const text =
    '{\n  "ratio": 1.0,\n  "id": 12345678901234567890,\n  "tiny": 1e-7,\n  "plain": 3,\n  "none": null,\n  "list": [\n    2.50,\n    []\n  ],\n  "empty": {}\n}';
  assert.equal(printJson(parseLossless(text)), text);
});

test('text that looks like a number stays text', () => {
  assert.equal(printJson(parseLossless('["1.0", "a\\"b"]')), '[\n  "1.0",\n  "a\\"b"\n]');
});
