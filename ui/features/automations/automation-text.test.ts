import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseLossless, printJson } from '../../api/lossless-json.ts';
import { readYaml, writeYaml } from './automation-text.ts';

const there = (json: string): string => {
  const read = readYaml(writeYaml(parseLossless(json)));
  assert.ok(read.ok);
  return printJson(read.value).replaceAll(/\s+/g, '');
};

test('numbers keep their digits there and back, and texts that look like something else stay texts', () => {
  for (const json of [
    '{"a":0.10,"b":12345678901234567890,"c":1e400,"d":-0.0,"e":[1.0,7]}',
    '{"a":"yes","b":"null","c":"0123","d":"1.0","e":"2026-01-01","f":"<<","g":"*x","h":"","i":"\\u202e"}',
    '{"{{a}}":"{{event.id}}","b":null,"c":true,"d":{},"e":[]}',
    '[]',
  ])
    assert.equal(there(json), json.replaceAll('\\u202e', '\u202e'));
});

test('what is no YAML, or would grow without an end, is told', () => {
  const wrong = ['a: [', 'a: 1\na: 2', '\tx: 1', 'a: *nobody', '{"a": 1', '%YAML 9'];
  for (const text of wrong) assert.equal(readYaml(text).ok, false, text);
  const bomb = `a: &a [x,x]\n${'bcdefghij'
    .split('')
    .map((name, at) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefghij'[at] ?? ''}`).join(',')}]`)
    .join('\n')}`;
  assert.equal(readYaml(bomb).ok, false);
  assert.equal(readYaml('').ok, true);
});
