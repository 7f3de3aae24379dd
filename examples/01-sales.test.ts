import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { parse } from 'csv-parse/sync';

import { judgeRow, readDate, readPrice, readQuantity } from './01-sales-rows.ts';
import { makeSales } from './data/make-sales.ts';
import { readRecords, runExample, runLines, temporaryFolder } from './fixtures/run-example.ts';

const sample = join(import.meta.dirname, 'data', 'sales.csv');

test('the file in the repository is the one that the script makes', () => {
  assert.equal(readFileSync(sample, 'utf8'), makeSales().text);
});

describe('the pipeline on the sample', () => {
  const { tally } = makeSales();

  test('counts, files and records agree with the truth about the file', async (t) => {
    const folder = temporaryFolder(t);
    const { stdout, stderr, exitCode } = await runExample('01-sales.ts', folder);
    assert.equal(exitCode, 0, stderr);

    for (const [count, word] of [
      [5_400, 'rows read'],
      [tally.kept, 'kept'],
      [tally.dropped, 'dropped'],
      [tally.malformed, 'malformed'],
    ] as const) {
      assert.match(stdout, new RegExp(`${count.toLocaleString('en')}  ${word}`));
    }
    for (const name of ['cleaned.csv', 'malformed.csv', 'by-month.csv'])
      assert.ok(stdout.includes(join('output', 'sales', name)), stdout);
    assert.match(stderr, /cleanChunk {2}█{28} {2}54 of 54/);

    const read = (name: string): Record<string, string>[] =>
      parse(readFileSync(join(folder, 'output', 'sales', name)), { columns: true });
    const cleaned = read('cleaned.csv');
    assert.equal(cleaned.length, tally.kept);
    assert.ok(
      cleaned.every(
        ({ date, quantity, unit_price }) =>
          /^2025-\d\d-\d\d$/.test(date ?? '') && Number.isInteger(Number(quantity)) && Number(unit_price) > 0,
      ),
    );
    assert.ok(cleaned.some(({ shipping_address }) => shipping_address === 'Königsallee 60\n40212 Düsseldorf'));
    checkMalformed(read('malformed.csv'), tally.malformed);
    const months = read('by-month.csv');
    assert.deepEqual(
      months.map(({ month }) => month),
      Array.from({ length: 12 }, (_, index) => `2025-${String(index + 1).padStart(2, '0')}`),
    );
    const orders = months.reduce((sum, month) => sum + Number(month['orders']) + Number(month['returns']), 0);
    assert.equal(orders, tally.kept);
    assertClose(sum(months, 'revenue'), sum(cleaned, 'total'));

    const { flowRuns, taskRuns, artifacts } = await readRecords(folder);
    assert.deepEqual(
      flowRuns.map(({ flowName, state }) => [flowName, state.type]),
      [['main_flow_sales', 'COMPLETED']],
    );
    assert.equal(taskRuns.filter(({ taskName }) => taskName === 'cleanChunk').length, 54);
    assert.ok(taskRuns.every(({ state }) => state.type === 'COMPLETED'));
    assert.deepEqual(artifacts.map(({ key, type }) => `${key} ${type}`).sort(), [
      'sales-by-month table',
      'sales-report markdown',
    ]);
  });
});

/** Each one says where it is in the file, what it says there, and why it was set aside. */
function checkMalformed(rows: readonly Record<string, string>[], expected: number): void {
  const lines = readFileSync(sample, 'utf8').split('\n');
  assert.equal(rows.length, expected);
  for (const { line, row = '' } of rows)
    assert.ok((lines[Number(line) - 1] ?? '').startsWith(row.split('\n', 1)[0] ?? ''), `line ${line}: ${row}`);
  const kinds = new Set(rows.map(({ reason }) => (reason ?? '').replace(/".*?"/, '…')));
  assert.deepEqual([...kinds].sort(), [
    '5 columns instead of 8',
    '7 columns instead of 8',
    '9 columns instead of 8',
    'Invalid Opening Quote',
    'country … is not a code of two letters',
    'date … is not a day',
    'price … is not an amount',
    'quantity … is not a whole number other than 0',
  ]);
}

const sum = (rows: readonly Record<string, string>[], column: string): number =>
  rows.reduce((total, row) => total + Number(row[column]), 0);

function assertClose(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 0.01, `${actual} is not ${expected}`);
}

test('`ostinato run` starts it, with parameters of its own', async (t) => {
  const folder = temporaryFolder(t);
  const run = (parameter: string): ReturnType<typeof runExample> =>
    runExample('../bin/ostinato.js', folder, ['run', join(import.meta.dirname, '01-sales.ts'), '-p', parameter]);
  const good = await run('output=elsewhere');
  assert.equal(good.exitCode, 0, good.stderr);
  assert.ok(existsSync(join(folder, 'elsewhere', 'cleaned.csv')));
  const wrong = await run('chunkSize=0');
  assert.equal(wrong.exitCode, 2);
  assert.match(wrong.stderr, /chunkSize: .*>=1 \(got 0\)/);
});

test('wrong parameters end the run before anything is read', async (t) => {
  const folder = temporaryFolder(t);
  const { stderr, exitCode } = await runLines(
    `
    import { salesPipeline } from './01-sales.ts';
    await salesPipeline({ chunkSize: 0, input: 'sales.xlsx' });`,
    folder,
  );
  assert.equal(exitCode, 1);
  assert.match(stderr, /chunkSize/);
  const { flowRuns, taskRuns } = await readRecords(folder);
  assert.equal(flowRuns[0]?.state.type, 'FAILED');
  assert.match(flowRuns[0]?.state.message ?? '', /input.*"sales\.xlsx".*chunkSize.*0/s);
  assert.deepEqual(taskRuns, []);
});

describe('one row', () => {
  test('numbers with either decimal mark', () => {
    const prices = {
      '1,234.56': 1234.56,
      '1.234,56': 1234.56,
      '12,5': 12.5,
      '12.5': 12.5,
      '1.234': 1234,
      '1,234': 1234,
      '1234567.8': 1_234_567.8,
      '7': 7,
    };
    assert.deepEqual(Object.keys(prices).map(readPrice), Object.values(prices));
    for (const wrong of ['12..50', '-5.00', '1,23,456.00', '1.234.5', 'on request', ''])
      assert.throws(() => readPrice(wrong), /is not an amount/);
  });

  test('days in every form', () => {
    assert.equal(readDate('14.03.2025', 'DE'), '2025-03-14');
    assert.equal(readDate('03/04/2025', 'US'), '2025-03-04');
    assert.equal(readDate('03/04/2025', 'GB'), '2025-04-03');
    assert.equal(readDate('2025-12-31T23:59:59Z', 'JP'), '2025-12-31');
    for (const wrong of ['2025-02-30', '31/02/2025', 'yesterday', '2025-13-01'])
      assert.throws(() => readDate(wrong, 'FR'), /is not a day/);
  });

  test('quantities, returns among them', () => {
    assert.deepEqual(['3', '-2'].map(readQuantity), [3, -2]);
    for (const wrong of ['0', '1.5', 'two']) assert.throws(() => readQuantity(wrong), /is not a whole number/);
  });

  test('a missing value drops the row, a broken one sets it aside', () => {
    const cells = ['A-1', '2025-03-14', 'Ada', 'York', 'GB', 'Metronome', '2', '35.00'];
    const judge = (changed: Record<number, string>): string =>
      JSON.stringify(judgeRow({ line: 2, text: '', cells: cells.map((cell, at) => changed[at] ?? cell) }));
    assert.match(judge({}), /"fate":"kept".*"total":70/);
    assert.equal(judge({ 2: 'NA' }), '{"fate":"dropped","column":"customer"}');
    assert.equal(judge({ 2: 'NULL', 6: 'two' }), '{"fate":"dropped","column":"customer"}');
    assert.match(judge({ 6: 'two' }), /"fate":"malformed","reason":"quantity/);
  });
});
