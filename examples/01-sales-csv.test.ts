import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { decode, readRows } from './01-sales-csv.ts';
import { judgeRow, readPrice, readQuantity } from './01-sales-rows.ts';
import { runExample, temporaryFolder } from './fixtures/run-example.ts';

const NAMES = ['id', 'city', 'price'];
const HEADER = NAMES.join(',');
const read = (...lines: string[]) => readRows([HEADER, ...lines].join('\n'), NAMES);
/** Line, cells or problem of each row. */
const seen = (...lines: string[]) => read(...lines).map(({ line, cells, problem }) => [line, cells ?? problem]);

describe('rows', () => {
  test('begin on the line that a person finds, behind blank lines and line breaks inside quotes', () => {
    assert.deepEqual(seen('1,York,5', '', '2,"Long\n\nStreet",6', '   ', '3,Rome,7'), [
      [2, ['1', 'York', '5']],
      [4, ['2', 'Long\n\nStreet', '6']],
      [8, ['3', 'Rome', '7']],
    ]);
  });

  test('with too few or too many columns are set aside whole', () => {
    assert.deepEqual(seen('1,York', '2,"Le\nMans",6,7', '3,Rome,7'), [
      [2, '2 columns instead of 3'],
      [3, '4 columns instead of 3'],
      [5, ['3', 'Rome', '7']],
    ]);
    assert.equal(read('2,"Le\nMans",6,7')[0]?.text, '2,"Le\nMans",6,7');
  });

  test('with stray quotes are one row each, and cost no other', () => {
    assert.deepEqual(seen('1, "York, North",5', '2,24" by 12",6', '3,"York" North,6', '4,Rome,7'), [
      [2, 'Invalid Opening Quote'],
      [3, 'Invalid Opening Quote'],
      [4, 'Invalid Closing Quote'],
      [5, ['4', 'Rome', '7']],
    ]);
    assert.deepEqual(seen('1,"Old\nYork",24"', '2,Rome,7'), [
      [2, 'Invalid Opening Quote'],
      [4, ['2', 'Rome', '7']],
    ]);
    assert.deepEqual(seen('1,"24" screen\nYork",5', '2,Rome,7'), [
      [2, 'Invalid Closing Quote'],
      [4, ['2', 'Rome', '7']],
    ]);
  });

  test('whose quote is never closed cost themselves alone', () => {
    assert.deepEqual(seen('1,"York,5', '2,Rome,7', '3,"Oslo",8'), [
      [2, 'Quote Not Closed'],
      [3, ['2', 'Rome', '7']],
      [4, ['3', 'Oslo', '8']],
    ]);
    const many = Array.from({ length: 3_000 }, (_, index) => `${index},"open`);
    assert.equal(read(...many, '9,Rome,7').at(-1)?.cells?.[1], 'Rome');
  });

  test('may be parted by semicolons or tabs', () => {
    assert.deepEqual(readRows('id;city;price\n1;York;"3,5"', NAMES)[0]?.cells, ['1', 'York', '3,5']);
    assert.deepEqual(readRows('id\tcity\tprice\n1\tYork\t3,5', NAMES)[0]?.cells, ['1', 'York', '3,5']);
  });
});

describe('the header', () => {
  test('says where each column is; more columns than are wanted do no harm', () => {
    assert.deepEqual(readRows('Price, note ,"CITY",id\n5,gift,York,1', NAMES)[0]?.cells, ['1', 'York', '5']);
  });

  test('is needed: without one, with a name missing or there twice nothing is read', () => {
    assert.throws(() => readRows('1,York,5\n2,Rome,7', NAMES), /header lacks the columns id, city, price/);
    assert.throws(() => readRows('id,town,price\n1,York,5', NAMES), /lacks the columns city/);
    assert.throws(() => readRows('id,city,price,city\n1,York,5,Rome', NAMES), /city twice/);
    for (const empty of ['', '\n \r\n']) assert.throws(() => readRows(empty, NAMES), /is empty/);
  });
});

describe('encodings', () => {
  const text = 'id,city,price\n1,Łódź,5\n';

  test('are known by their byte order mark', () => {
    const utf16le = Buffer.from(`\ufeff${text}`, 'utf16le');
    assert.equal(decode(Buffer.from(`\ufeff${text}`), 'utf-8'), text);
    assert.equal(decode(utf16le, 'utf-8'), text);
    assert.equal(decode(Buffer.from(utf16le).swap16(), 'utf-8'), text);
  });

  test('without one are said by whoever knows; a wrong one is an error that names the line', () => {
    const latin = Buffer.from('id,city\r1,York\r2,Zürich', 'latin1');
    assert.throws(() => decode(latin, 'utf-8'), /not utf-8 text \(line 3\).*encoding=/);
    assert.match(decode(latin, 'windows-1252'), /Zürich/);
    assert.equal(decode(Buffer.from(text, 'utf16le'), 'utf-16le'), text);
    assert.throws(() => decode(Buffer.from('id,city', 'utf16le'), 'utf-8'), /zeros/);
    assert.throws(() => decode(Buffer.from('id,Zü').subarray(0, -1), 'utf-8'), /not utf-8/);
  });
});

test('whatever cells, quotes, line ends and blank lines: the rows come back, each with its line', () => {
  const cell = fc.oneof(fc.string({ unit: fc.constantFrom('a', 'ß', ',', '"', '\n', ' ', '5') }), fc.constant('x'));
  const row = fc.record({
    cells: fc.tuple(cell, cell, cell),
    isQuoted: fc.boolean(),
    end: fc.constantFrom('\n', '\r\n', '\r'),
    blank: fc.nat(2),
  });
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      let text = `${HEADER}\n`;
      let line = 2;
      const expected = rows.flatMap(({ cells, isQuoted, end, blank }) => {
        const written = cells
          .map((each) => (isQuoted || /[",\n]/.test(each) ? `"${each.replaceAll('"', '""')}"` : each))
          .join(',');
        text += written + end.repeat(1 + blank);
        const begins = line;
        line += written.split('\n').length + blank;
        // A line with so many commas inside a quoted cell reads like a quote left open, and is set aside.
        return written.trim() === ''
          ? []
          : [
              {
                line: begins,
                cells: [...cells],
                isDoubtful: written
                  .split('\n')
                  .slice(1)
                  .some((part) => part.split(',').length >= 3),
              },
            ];
      });
      const found = readRows(text, NAMES);
      if (expected.some(({ isDoubtful }) => isDoubtful)) return;
      assert.deepEqual(
        found.map(({ line: at, cells }) => ({ line: at, cells })),
        expected.map(({ line: at, cells }) => ({ line: at, cells })),
      );
    }),
    { numRuns: 300 },
  );
});

test('whatever the bytes: every line is accounted for, once', () => {
  const messy = fc.array(fc.constantFrom('a', '"', ',', '\n', '\r', '1,b,2\n', '"x\ny"', ' '), { maxLength: 60 });
  fc.assert(
    fc.property(messy, (parts) => {
      const body = parts.join('');
      const lines = body.split(/\r\n?|\n/);
      const isTold = new Set<number>();
      for (const { line, text } of readRows(`${HEADER}\n${body}`, NAMES)) {
        for (const [offset, found] of text.split('\n').entries()) {
          assert.equal(found, lines[line - 2 + offset]);
          assert.ok(!isTold.has(line + offset));
          isTold.add(line + offset);
        }
      }
      for (const [index, found] of lines.entries())
        assert.ok(isTold.has(index + 2) || found.trim() === '', `line ${index + 2}`);
    }),
    { numRuns: 500 },
  );
});

test('numbers beyond all bounds are slips', () => {
  for (const wrong of [
    '9'.repeat(23),
    `1${'0'.repeat(400)}`,
    '-9007199254740993',
    '1e308',
    '1e3',
    'Infinity',
    'NaN',
    '0x10',
  ])
    assert.throws(() => readQuantity(wrong), /is not a whole number|is beyond/);
  for (const wrong of ['9'.repeat(30), '1e21', '1e-7', 'Infinity', '-1'])
    assert.throws(() => readPrice(wrong), /is not an amount|is beyond/);
  const cells = ['A-1', '2025-03-14', 'Ada', 'York', 'GB', 'Metronome', '3', '1.10'];
  const verdict = judgeRow({ line: 2, text: '', cells });
  assert.equal(verdict.fate === 'kept' && verdict.sale.total, 3.3);
});

describe('the pipeline', () => {
  const columns = 'order_id,ordered_at,customer,shipping_address,country,product,quantity,unit_price';
  const run = (folder: string, content: string | Uint8Array, more: readonly string[] = []) => {
    const input = join(folder, 'input.csv');
    writeFileSync(input, content);
    const words = [
      'run',
      join(import.meta.dirname, '01-sales.ts'),
      '-p',
      `input=${input}`,
      '-p',
      `output=${join(folder, 'out')}`,
      ...more,
    ];
    return runExample('../bin/ostinato.js', folder, words);
  };
  const written = (folder: string, name: string): string => readFileSync(join(folder, 'out', name), 'utf8');

  test('writes files with a header when there is no row', async (t) => {
    const folder = temporaryFolder(t);
    const { exitCode, stderr } = await run(folder, `${columns}\n\n`);
    assert.equal(exitCode, 0, stderr);
    assert.equal(
      written(folder, 'cleaned.csv'),
      'order_id,date,customer,shipping_address,country,product,quantity,unit_price,total\n',
    );
    assert.equal(written(folder, 'malformed.csv'), 'line,reason,row\n');
    assert.equal(written(folder, 'by-month.csv'), 'month,orders,returns,units,revenue\n');
  });

  test('ends with the reason, at once, when the file cannot be understood; goes on when it is told the encoding', async (t) => {
    const folder = temporaryFolder(t);
    const latin = Buffer.from(`${columns}\nA-1,2025-03-14,Jörg,Köln,DE,Metronome,2,"35,00"\n`, 'latin1');
    const wrong = await run(folder, latin);
    assert.equal(wrong.exitCode, 1);
    assert.match(wrong.stderr, /not utf-8 text \(line 2\)/);
    assert.doesNotMatch(wrong.stderr, /retry 1|attempt 2/);
    const right = await run(folder, latin, ['-p', 'encoding=windows-1252']);
    assert.equal(right.exitCode, 0, right.stderr);
    assert.match(written(folder, 'cleaned.csv'), /A-1,2025-03-14,Jörg,Köln,DE,Metronome,2,35,70/);
    assert.equal((await run(folder, latin, ['-p', 'encoding=klingon'])).exitCode, 2);
  });
});
