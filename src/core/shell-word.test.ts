import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

import fc from 'fast-check';

import { printableLine } from './printable.ts';
import { entryWord, operandWords, pathWord, runWord, shellWord } from './shell-word.ts';

test('plain words stay; all others are quoted by the rules of POSIX', () => {
  for (const plain of ['brave-otter', 'flows/etl.ts:main', 'a@b', 'x=1,2', '100%'])
    assert.equal(shellWord(plain), plain);
  assert.equal(shellWord('order k1'), "'order k1'");
  assert.equal(shellWord("it's"), "'it'\\''s'");
  assert.equal(shellWord(''), "''");
  assert.equal(shellWord('Łódź'), "'Łódź'");
  assert.equal(shellWord('a\tb'), '"$(printf %b \'a\\0011b\')"');
});

function readBy(shell: string, words: readonly string[]): string[] {
  const read = execFileSync(
    shell,
    [...(shell === 'bash' ? ['--norc'] : []), '-c', `printf '%s\\0' ${words.join(' ')}`],
    { encoding: 'utf8', env: { LC_ALL: 'C.UTF-8', PATH: process.env['PATH'] } },
  );
  return read.split('\0').slice(0, -1);
}

test('a shell reads each word as it was, and it can be printed', () => {
  const unit = fc.oneof(
    fc.constantFrom(...' \'"`$\\!*?[]{}()<>|&;#~-=\n\t\r\x1b\u202e^'.split('')),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  );
  const words = fc.array(
    fc.string({ unit }).filter((word) => !word.includes('\0')),
    { minLength: 40, maxLength: 40 },
  );
  fc.assert(
    fc.property(words, (given) => {
      for (const word of given) assert.equal(printableLine(shellWord(word)), shellWord(word));
      assert.deepEqual(readBy('bash', given.map(shellWord)), given);
      // Shells that have no more than POSIX asks for lose line feeds at the end.
      const kept = given.filter((word) => !word.endsWith('\n'));
      assert.deepEqual(readBy('sh', kept.map(shellWord)), kept);
    }),
    { numRuns: 10 },
  );
});

test('a run goes by its name, unless a command would take that for something else', () => {
  const id = '01975300-0000-7000-8000-000000000000';
  assert.equal(runWord({ id, name: 'brave-otter' }), 'brave-otter');
  assert.equal(runWord({ id, name: "Ada's $HOME" }), "'Ada'\\''s $HOME'");
  for (const name of ['-x', '--help', '', 'a\nb', '\x1b[2J', '01975311-0000-7000-8000-000000000000'])
    assert.equal(runWord({ id, name }), id);
});

test('what begins with a dash is no option where an argument or a file is meant', () => {
  assert.equal(operandWords('a b', 'c'), "'a b' c");
  assert.equal(operandWords('a', '--force'), "-- a '--force'");
  assert.equal(pathWord('-x.ts'), './-x.ts');
  assert.equal(entryWord({ file: "/it's/x.ts", exportName: 'main' }), "'/it'\\''s/x.ts:main'");
});
