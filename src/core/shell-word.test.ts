import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

import fc from 'fast-check';

import { printableLine } from './printable.ts';
import { runWord, shellWord } from './shell-word.ts';

test('plain words stay; all others are quoted by the rules of POSIX', () => {
  for (const plain of ['brave-otter', 'flows/etl.ts:main', 'a@b', 'x=1,2', '100%']) assert.equal(shellWord(plain), plain);
  assert.equal(shellWord('order k1'), "'order k1'");
  assert.equal(shellWord("it's"), "'it'\\''s'");
  assert.equal(shellWord(''), "''");
  assert.equal(shellWord('Łódź'), "'Łódź'");
  assert.equal(shellWord('a\nb'), "$'a\\nb'");
});

test('a shell reads each word as it was, and it can be printed', () => {
  const unit = fc.oneof(fc.constantFrom(...' \'"`$\\!*?[]{}()<>|&;#~-=\n\t\r\x1b\u202e^'.split('')), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }));
  const words = fc.array(fc.string({ unit }).filter((word) => !word.includes('\0')), { minLength: 200, maxLength: 200 });
  fc.assert(fc.property(words, (given) => {
    for (const word of given) assert.equal(printableLine(shellWord(word)), shellWord(word));
    const command = `printf '%s\\0' ${given.map(shellWord).join(' ')}`;
    const read = execFileSync('bash', ['--norc', '-c', command], { encoding: 'utf8', env: { LC_ALL: 'C.UTF-8', PATH: process.env['PATH'] } });
    assert.deepEqual(read.split('\0').slice(0, -1), given);
  }), { numRuns: 20 });
});

test('a run goes by its name, unless a command would take that for something else', () => {
  const id = '01975300-0000-7000-8000-000000000000';
  assert.equal(runWord({ id, name: 'brave-otter' }), 'brave-otter');
  assert.equal(runWord({ id, name: "Ada's $HOME" }), "'Ada'\\''s $HOME'");
  for (const name of ['-x', '--help', '', 'a\nb', '\x1b[2J', '01975311-0000-7000-8000-000000000000']) assert.equal(runWord({ id, name }), id);
});
