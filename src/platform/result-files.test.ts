import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { ResultStore } from '../client/port.ts';
import { OstinatoError } from '../core/errors.ts';
import { hashText } from './hash.ts';
import { ResultFiles } from './result-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-results-'));
after(() => rmSync(folder, { recursive: true }));
const files = new ResultFiles(join(folder, 'results'));
const pathOf = (key: string): string => join(folder, 'results', key.slice(0, 2), key.slice(2, 4), key);
const hasCode =
  (code: string) =>
  (error: unknown): boolean =>
    OstinatoError.is(error) && error.code === code && error.remedy !== '';

test('a value is read back by its hash, written once, and no temporary file stays', () => {
  const port: ResultStore = files;
  for (const sync of [true, false, true]) {
    const text = `{"ü":"${'x'.repeat(9000)}"}`;
    const key = files.write(hashText(text), text, { sync });
    assert.equal(files.read(key), text);
    assert.deepEqual(readdirSync(join(folder, 'results', key.slice(0, 2), key.slice(2, 4))), [key]);
  }
  assert.equal(port.read('0'.repeat(32)), null);
});

test('a named value replaces the one before it, and a name stays inside the folder', () => {
  for (const [text, sync] of [
    ['"one"', false],
    ['"two"', true],
  ] as const) {
    assert.equal(files.write(hashText(text), text, { sync, name: 'daily/2026 ü.json' }), 'named/daily/2026 ü.json');
    assert.equal(files.read('named/daily/2026 ü.json'), text);
  }
  assert.deepEqual(readdirSync(join(folder, 'results', 'named', 'daily')), ['2026 ü.json']);
  for (const key of ['named/../out', 'named//x', 'named/', 'named/a/../../b'])
    assert.throws(() => files.read(key), hasCode('bad-input'));
});

test('many values without a turn of the event loop do not run out of descriptors', () => {
  for (let index = 0; index < 200; index += 1) files.write(hashText(`v${index}`), `v${index}`, { sync: false });
  assert.equal(files.read(hashText('v199')), 'v199');
});

test('a damaged value is reported, a cut one is written again', () => {
  const text = 'y'.repeat(100);
  const key = files.write(hashText(text), text, { sync: false });
  writeFileSync(pathOf(key), 'z'.repeat(100));
  assert.throws(() => files.read(key), hasCode('value-corrupt'));
  truncateSync(pathOf(key), 10);
  files.write(key, text, { sync: false });
  assert.equal(files.read(key), text);
});

test('a key is a hash and nothing else', () => {
  assert.throws(() => files.read('../../etc/passwd'), hasCode('bad-input'));
});
