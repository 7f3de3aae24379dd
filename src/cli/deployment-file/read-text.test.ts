import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { readFileText } from './read-text.ts';

test('what is no file of deployments is refused before it is read to its end', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-text-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'file.yaml');
  const read = (at = path): string => readFileText({ path: at, shown: 'file.yaml', remedy: 'Write it.' });
  assert.throws(() => read(), { code: 'not-found', message: 'There is no file file.yaml.', remedy: 'Write it.' });
  writeFileSync(path, '\ufeffname: ä\n');
  assert.equal(read(), 'name: ä\n');
  writeFileSync(path, Buffer.from([0x6e, 0xff, 0xfe]));
  assert.throws(() => read(), { code: 'bad-input', message: /no text in UTF-8/ });
  writeFileSync(path, 'x'.repeat(10_000_000));
  assert.throws(() => read(), { code: 'bad-input', message: /longer than 1 MiB/ });
  assert.throws(() => read('/dev/zero'), { code: 'bad-input', message: /longer than 1 MiB/ });
  assert.throws(() => read(folder), { message: new RegExp(folder) });
});
