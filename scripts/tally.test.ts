import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { Tally } from './tally.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-tally-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const pass = (name: string, more: object = {}) => ({
  type: 'test:pass',
  data: { name, file: '/x.test.ts', nesting: 0, details: { type: 'test' }, ...more },
});

test('tests count, suites do not', () => {
  const tally = new Tally(['/x.test.ts']);
  tally.add(pass('one'));
  tally.add(pass('two', { nesting: 1 }));
  tally.add(pass('suite', { details: { type: 'suite' } }));
  assert.equal(tally.closingLine, '2 passed, 0 failed');
  assert.ok(tally.isGreen);
});

test('skipped and to-do tests are not passed, and not green', () => {
  const tally = new Tally(['/x.test.ts']);
  tally.add(pass('one'));
  tally.add(pass('two', { skip: '' }));
  tally.add(pass('three', { todo: true }));
  assert.equal(tally.closingLine, '1 passed, 0 failed, 2 skipped');
  assert.ok(!tally.isGreen);
});

test('a parent that failed only by its child is not counted again', () => {
  const tally = new Tally([]);
  const fail = (failureType: string) => ({
    type: 'test:fail',
    data: { name: failureType, nesting: 0, details: { type: 'test', error: { failureType } } },
  });
  tally.add(fail('testCodeFailure'));
  tally.add(fail('subtestsFailed'));
  assert.equal(tally.closingLine, '0 passed, 1 failed');
});

test('nothing at all is not green', () => {
  assert.ok(!new Tally([]).isGreen);
});

const CASES = [
  [
    'good',
    "import { test } from 'node:test'; test('a', () => {}); test('b', async (t) => { await t.test('c', () => {}); });",
    '3 passed, 0 failed',
    0,
  ],
  [
    'bad',
    "import { test } from 'node:test'; test('a', () => {}); test('b', () => { throw new Error('why'); });",
    '1 passed, 1 failed',
    1,
  ],
  ['empty', "console.log('no test here');", '0 passed, 1 failed', 1],
  [
    'crash',
    "import { test } from 'node:test'; test('a', () => {}); await 0; throw new Error('top');",
    /^\d passed, 1 failed$/,
    1,
  ],
  [
    'skip',
    "import { test } from 'node:test'; test('a', () => {}); test('b', { skip: true }, () => {});",
    '1 passed, 0 failed, 1 skipped',
    1,
  ],
] as const;

for (const [name, source, line, exitCode] of CASES) {
  test(`the runner on a file that is ${name}`, async () => {
    const file = join(folder, `${name}.test.mjs`);
    writeFileSync(file, source);
    const result = await new Promise<{ code: unknown; lines: string[] }>((resolve) => {
      execFile(process.execPath, [join(import.meta.dirname, 'test.ts'), file], (error, stdout) => {
        resolve({ code: error === null ? 0 : error.code, lines: stdout.trim().split('\n') });
      });
    });
    assert.equal(result.code, exitCode, result.lines.join('\n'));
    const last = result.lines.at(-1) ?? '';
    if (typeof line === 'string') assert.equal(last, line);
    else assert.match(last, line);
  });
}
