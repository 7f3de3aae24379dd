import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { chooseCoding, type ContentCoding } from './content-coding.ts';

const BOTH: readonly ContentCoding[] = ['br', 'gzip'];

test('the better one of what is taken', () => {
  const cases: readonly (readonly [accepted: string | undefined, chosen: ContentCoding | null])[] = [
    [undefined, null],
    ['', null],
    ['identity', null],
    ['deflate', null],
    ['zstd, deflate', null],
    ['gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['x-gzip', 'gzip'],
    ['gzip, deflate, br, zstd', 'br'],
    ['br;q=0.5, gzip', 'gzip'],
    ['br;q=0, gzip;q=0.1', 'gzip'],
    ['*', 'br'],
    ['*;q=0', null],
    ['br;q=0, *', 'gzip'],
    ['gzip ; q=0.5 , br;q=0.5', 'br'],
    ['identity;q=1, gzip;q=0.5', null],
    ['br;q=nonsense', null],
    ['br;q=0.000', null],
    [',,gzip,,', 'gzip'],
  ];
  for (const [accepted, chosen] of cases) assert.equal(chooseCoding(accepted, BOTH), chosen, String(accepted));
  assert.equal(chooseCoding('br, gzip', ['gzip']), 'gzip');
  assert.equal(chooseCoding('br', []), null);
});

test('whatever is said, nobody is sent what they refuse', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.constantFrom('br', 'gzip', 'identity', 'deflate', '*', 'x y', ''),
          fc.constantFrom('', ';q=0', ';q=1', ';q=0.3', ';q=2', ';x=1'),
        ),
        { maxLength: 6 },
      ),
      (members) => {
        const chosen = chooseCoding(members.map(([name, weight]) => name + weight).join(', '), BOTH);
        if (chosen === null) return;
        const last = members
          .filter(([name, weight]) => name === chosen && ['', ';q=0', ';q=1', ';q=0.3'].includes(weight))
          .at(-1);
        const any = members.some(([name, weight]) => name === '*' && weight !== ';q=0');
        assert.ok(last === undefined ? any : last[1] !== ';q=0', JSON.stringify(members));
      },
    ),
  );
});
