/** The reference pages say what the code does. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { referencePages } from '../scripts/reference.ts';
import { EXIT_CODES } from '../src/cli/exit-codes.ts';
import { ERROR_CODES } from '../src/core/errors.ts';

const folder = join(import.meta.dirname, '..', 'docs', 'reference');
const pages = await referencePages();

for (const [name, text] of pages) {
  test(`docs/reference/${name} is what the code says (else run: npm run docs)`, () => {
    assert.equal(readFileSync(join(folder, name), 'utf8'), text);
  });
}

test('every error code ends in an exit code that is documented', () => {
  for (const [name, { exitCode }] of Object.entries(ERROR_CODES)) {
    assert.ok(exitCode in EXIT_CODES, `${name} has exit code ${exitCode}, which no table explains`);
    assert.ok(pages.get('exit-codes.md')?.includes(`\`${name}\``));
  }
});
