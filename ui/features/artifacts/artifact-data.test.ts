import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseLossless } from '../../api/lossless-json.ts';
import { isNumeric, readLink, readProgress, readTable, safeUrl } from './artifact-data.ts';

test('tables come as rows, as columns, or as lists, in JSON text or parsed', () => {
  const expected = {
    columns: ['a', 'b'],
    rows: [
      ['1.0', 'x'],
      ['2', ''],
    ],
  };
  assert.deepEqual(readTable('[{"a": 1.0, "b": "x"}, {"a": 2, "b": null}]'), expected);
  assert.deepEqual(readTable('{"a": [1.0, 2], "b": ["x", null]}'), expected);
  assert.deepEqual(
    readTable([
      ['a', 'b'],
      ['1.0', 'x'],
      ['2', null],
    ]),
    expected,
  );
  assert.deepEqual(readTable('[{"a": {"k": [1]}}]')?.rows, [['{ "k": [ 1 ] }']]);
  assert.deepEqual(readTable(parseLossless('[{"id": 12345678901234567890, "share": 1.50}]'))?.rows, [
    ['12345678901234567890', '1.50'],
  ]);
  assert.equal(readTable('not a table'), null);
  assert.equal(readTable('7'), null);
});

test('numbers are told from words, to stand at the right', () => {
  assert.deepEqual(['12', '-1.5e3', '1,204', '7%', 'n/a', '', '2026-01-02'].map(isNumeric), [
    true,
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('progress is a share, or nothing', () => {
  assert.deepEqual(
    [
      readProgress(42),
      readProgress('99.5'),
      readProgress(parseLossless('12.50')),
      readProgress(180),
      readProgress('soon'),
      readProgress(null),
    ],
    [42, 99.5, 12.5, 100, null, null],
  );
});

test('an address that would run code leads nowhere', () => {
  // oxlint-disable-next-line no-script-url -- it is what must be refused
  assert.equal(safeUrl('javascript:alert(1)', 'link'), null);
  assert.equal(safeUrl('data:text/html,<script>', 'image'), null);
  assert.equal(safeUrl('data:image/png;base64,AA', 'image'), 'data:image/png;base64,AA');
  assert.equal(safeUrl('https://a.example', 'image'), 'https://a.example');
  assert.deepEqual(readLink('[Open it](https://a.example/x)'), { text: 'Open it', href: 'https://a.example/x' });
  assert.deepEqual(readLink('https://a.example'), { text: 'https://a.example', href: 'https://a.example' });
  // oxlint-disable-next-line no-script-url -- it is what must be refused
  assert.equal(readLink('[x](javascript:alert(1))'), null);
});
