import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { printable, printableJson, printableLine } from './printable.ts';

/** What no line on a terminal may hold: said anew here, by Unicode's own classes. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\ufeff]/u;
const HOSTILE = [
  '\x1b]52;c;aGk=\x07',
  '\x1b[2J',
  '\x9b31m',
  '\x9d0;title\x9c',
  '\x1bP1$r\x1b\\',
  'a\rb',
  'a\bb',
  '\0',
  '\x7f',
  '\u202egpj.exe',
  '\u2066x\u2069',
  '\u200b',
  '\ud800',
  '\udc00x',
  '\ufeff',
  '\u{e0041}',
  '\ufdd0[31m',
];

test('escapes stand where control characters were; text to look at stays', () => {
  assert.equal(printable('\x1b]0;pwned\x07ok'), '\\x1b]0;pwned\\x07ok');
  assert.equal(printable('a\u009b31mb\u202ec'), 'a\\x9b31mb\\u202ec');
  assert.equal(printable('a\r\nb\tc\rd\0'), 'a\nb\tc\\rd\\0');
  assert.equal(printable('\ud83d!'), '\\ud83d!');
  assert.equal(printable('\u{e0041}'), '\\u{e0041}');
  const plain = 'Łódź 日本 👩‍👩‍👧 🎻 é می‌خواهم\n\tnext';
  assert.equal(printable(plain), plain);
  assert.equal(printableLine(' a\n\n  b\tc\u2028d'), ' a b c d');
});

test('whatever the text: nothing forbidden is left, and JSON means the same', () => {
  const text = fc
    .array(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.constantFrom(...HOSTILE),
        fc.nat(0xffff).map((unit) => String.fromCharCode(unit)),
      ),
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, (given) => {
      assert.doesNotMatch(printableLine(given), FORBIDDEN);
      assert.doesNotMatch(printable(given).replaceAll(/[\n\t]/g, ''), FORBIDDEN);
      assert.equal(printable(printable(given)), printable(given));
      const json = printableJson(JSON.stringify({ [given]: [given] }));
      assert.doesNotMatch(json, FORBIDDEN);
      assert.deepEqual(JSON.parse(json), { [given]: [given] });
    }),
    { numRuns: 1000 },
  );
});

test('each character by itself fares as it does among others that are escaped', () => {
  for (let code = 0; code <= 0x10ffff; code += code < 0x1_1000 || (code >= 0xd_ff00 && code < 0xe_1000) ? 1 : 97) {
    const character = String.fromCodePoint(code);
    assert.equal(printable(`\0${character} `), `\\0${printable(`${character} `)}`, code.toString(16));
  }
});
