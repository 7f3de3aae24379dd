import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { lookForCallSite } from './call-site-lookup.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-call-sites-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'etl.ts');
const long = `const text = "${'x'.repeat(150)}";`;
writeFileSync(file, `async function main() {\n    await load(1);\n}\n${long}\n`);

const look = (label: string, files: readonly string[] = [file]): string => lookForCallSite(label, files, folder);

test('the line counts, wherever it is in the file and whatever folder the file is in', () => {
  assert.equal(look('src/etl.ts · main · await load(1);'), 'present');
  assert.equal(look('../elsewhere/etl.ts · main · await load(1);'), 'present');
  assert.equal(look('etl.ts · (top level) · await load(1);'), 'present');
  assert.equal(look('etl.ts · main · await load(2);'), 'missing');
  assert.equal(look('etl.ts · other · await load(1);'), 'missing');
  assert.equal(look('other.ts · main · await load(1);'), 'missing');
});

test('a long line is compared as far as it was recorded', () => {
  assert.equal(look(`etl.ts · (top level) · ${long.slice(0, 119)}…`), 'present');
  assert.equal(look(`etl.ts · (top level) · ${long.slice(1, 119)}…`), 'missing');
});

test('a file that only calls tasks is found from the working directory', () => {
  assert.equal(look('etl.ts · main · await load(1);', []), 'present');
  assert.equal(look('gone.ts · main · await load(1);', []), 'missing');
  assert.equal(look('unknown', []), 'unknown');
});
