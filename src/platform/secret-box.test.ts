import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { keyFile, secretBox } from './secret-box.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-keys-'));
after(() => rmSync(folder, { recursive: true }));
const newKey = () => randomBytes(32).toString('base64');

test('what is sealed is opened again, in its context only, and shows nothing', () => {
  const box = secretBox(() => newKey() || '');
  const sealed = box.seal('pässword', 'a');
  assert.equal(box.open(sealed, 'a'), 'pässword');
  assert.ok(!sealed.includes('password') && !Buffer.from(sealed).includes('pässword'));
  assert.notEqual(box.seal('pässword', 'a'), sealed);
  for (const attempt of [
    () => box.open(sealed, 'b'),
    () => box.open(`${sealed.slice(0, -4)}AAAA`, 'a'),
    () => box.open('nonsense', 'a'),
    () => box.open('v1..', 'a'),
  ]) {
    assert.throws(attempt, { code: 'value-corrupt' });
  }
});

test('a new key on top seals; the old ones still open', () => {
  const [old, fresh] = [newKey(), newKey()];
  let text = `${old}\n`;
  const box = secretBox(() => text);
  const sealed = box.seal('a', 'x');
  text = `${fresh}\n${old}\n`;
  const rotated = secretBox(() => text);
  assert.equal(rotated.open(sealed, 'x'), 'a');
  assert.equal(rotated.open(rotated.seal('b', 'x'), 'x'), 'b');
  assert.notEqual(rotated.seal('b', 'x').split('.')[1], sealed.split('.')[1]);
  // A server that runs on finds the new key when it meets it.
  assert.equal(box.open(rotated.seal('c', 'x'), 'x'), 'c');
  text = fresh;
  assert.throws(() => secretBox(() => text).open(sealed, 'x'), { code: 'value-corrupt' });
  assert.throws(() => secretBox(() => 'c2hvcnQ=').seal('a', 'x'), { code: 'value-corrupt' });
  assert.throws(() => secretBox(() => '').seal('a', 'x'), { code: 'value-corrupt' });
});

test('the key file is made once, for this user only', () => {
  const path = join(folder, 'secrets.key');
  const made = keyFile(path)();
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(keyFile(path)(), made);
  writeFileSync(path, newKey());
  assert.notEqual(keyFile(path)(), made);
});
