import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { renderFacts, renderTable, type Column } from './table.ts';
import { oneLine, textWidth, truncateText } from './text-width.ts';

const plain = { columns: null, style: (_format: unknown, text: string) => text };
const columns: Column<{ name: string; count: number }>[] = [
  { title: 'NAME', text: ({ name }) => name, shrinks: true },
  { title: 'COUNT', text: ({ count }) => String(count), align: 'right' },
];

test('columns line up, numbers to the right, no space at line ends', () => {
  const text = renderTable(
    [
      { name: 'sales', count: 5 },
      { name: 'a', count: 12_345 },
    ],
    columns,
    plain,
  );
  assert.equal(text, 'NAME   COUNT\nsales      5\na      12345\n');
});

test('in a pipe nothing is cut; in a narrow terminal only what may shrink is', () => {
  const rows = [{ name: 'a very long name of a flow', count: 5 }];
  assert.match(renderTable(rows, columns, plain), /a very long name of a flow {6}5/);
  assert.equal(renderTable(rows, columns, { ...plain, columns: 20 }), 'NAME           COUNT\na very long …      5\n');
  assert.equal(renderTable(rows, columns, { ...plain, columns: 5 }).split('\n')[1], 'a very …      5');
});

test('wide characters take two columns, colour codes none', () => {
  assert.equal(textWidth('日本'), 4);
  assert.equal(textWidth('🎻x'), 3);
  assert.equal(textWidth('\u001B[31mred\u001B[0m'), 3);
  assert.equal(textWidth('é'), 1);
  assert.equal(truncateText('日本語', 5), '日本…');
});

const { default: stringWidth } = createRequire(import.meta.url)('string-width') as {
  readonly default: (text: string) => number;
};

test('what is counted without the library is counted as the library does', () => {
  const differing: string[] = [];
  for (let code = 0x20; code < 0x3000; code += 1) {
    const character = String.fromCharCode(code);
    // Two of them: neither joins the other to one character.
    if (textWidth(character + character) !== stringWidth(character + character)) differing.push(code.toString(16));
  }
  assert.deepEqual(differing, []);
});

test('families, flags and marks are one character each', () => {
  assert.equal(textWidth('\u{1F468}\u200D\u{1F469}\u200D\u{1F467}'), 2);
  assert.equal(textWidth('\u{1F1E9}\u{1F1EA}'), 2);
  assert.equal(textWidth('e\u0301'), 1);
  assert.equal(textWidth('a\u200Bb'), 2);
  assert.equal(truncateText('\u{1F1E9}\u{1F1EA}\u{1F1E9}\u{1F1EA}x', 4), '\u{1F1E9}\u{1F1EA}…');
});

test('a name cannot move the cursor or break the line: what would is shown', () => {
  assert.equal(oneLine('a\nb\u001B[2Jc\u0007'), 'a b\\x1b[2Jc\\x07');
  assert.equal(
    renderFacts(
      [
        ['name', 'x\ny'],
        ['id', '1'],
      ],
      plain,
    ),
    'name  x y\nid    1\n',
  );
});
