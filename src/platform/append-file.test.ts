import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { OstinatoError } from '../core/errors.ts';
import { createAppendFile } from './append-file.ts';
import { openJournalFolder } from './journal-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-append-'));
after(() => rmSync(folder, { recursive: true }));
const create = (path: string, head: string): ReturnType<typeof createAppendFile> =>
  createAppendFile(path, text(head), `${path}.draft`);
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const hasCode =
  (code: string) =>
  (error: unknown): boolean =>
    OstinatoError.is(error) && error.code === code;

test('appends are in the file at once, in order, behind its head', () => {
  const path = join(folder, 'order.journal');
  const file = create(path, 'head ');
  assert.equal(existsSync(`${path}.draft`), false);
  file.append(text('one '));
  file.append(text('two'));
  assert.equal(readFileSync(path, 'utf8'), 'head one two');
  assert.equal(file.size, statSync(path).size);
  file.close();
  file.close();
  assert.throws(() => file.append(text('x')), hasCode('store-unavailable'));
});

test('flushes cover what came before and share their work', async () => {
  const file = create(join(folder, 'flush.journal'), 'head');
  const first = file.flush();
  assert.equal(file.flush(), first);
  file.append(text('more'));
  const second = file.flush();
  assert.notEqual(second, first);
  assert.equal(file.flush(), second);
  await Promise.all([first, second]);
  file.append(text('last'));
  file.flushSync();
  await file.flush();
  file.append(text('x'));
  const closing = file.flush();
  file.close();
  await closing;
  await assert.rejects(createdAndClosed().flush(), hasCode('store-unavailable'));
});

function createdAndClosed(): ReturnType<typeof createAppendFile> {
  const file = create(join(folder, 'closed.journal'), 'head');
  file.close();
  return file;
}

test(
  'a disk that takes no byte is a full store, and a file that cannot be cut back takes no more',
  { skip: existsSync('/dev/full') ? false : 'needs /dev/full' },
  () => {
    const path = join(folder, 'full.journal');
    symlinkSync('/dev/full', `${path}.draft`);
    assert.throws(() => create(path, 'x'), hasCode('store-full'));
    symlinkSync('/dev/full', `${path}.draft`);
    const file = create(path, '');
    assert.throws(() => file.append(text('x')), hasCode('store-full'));
    assert.throws(() => file.append(text('x')), hasCode('store-unavailable'));
    assert.equal(file.size, 0);
    file.close();
    assert.throws(
      () => openJournalFolder('/dev/full').create('a.journal', text('x'), 'a.draft'),
      (error) => OstinatoError.is(error),
    );
  },
);

test('a folder of journals: create, list, read parts, claim once, remove', () => {
  const journals = openJournalFolder(join(folder, 'deep', 'journals'));
  assert.deepEqual(journals.list(), []);
  assert.equal(journals.read('b.journal', 0, 10), null);
  for (const name of ['b.journal', 'a.journal'])
    journals.create(name, text(`head of ${name}`), `${name}.draft`).close();
  assert.deepEqual(journals.list(), ['a.journal', 'b.journal']);
  assert.equal(new TextDecoder().decode(journals.read('b.journal', 5, 4) ?? undefined), 'of b');
  assert.equal(journals.read('b.journal', 1000, 4)?.length, 0);
  assert.equal(journals.claim('b.journal', 'c.journal'), true);
  assert.equal(journals.claim('b.journal', 'd.journal'), false);
  journals.remove('c.journal');
  journals.remove('c.journal');
  assert.deepEqual(journals.list(), ['a.journal']);
});
