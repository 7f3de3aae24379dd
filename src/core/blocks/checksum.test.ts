import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { exactValue } from '../json-value.ts';
import { checksumText, pythonJson } from './checksum.ts';
import type { JsonRecord } from './json.ts';

interface Expected {
  /** Fields as JSON text and the checksum that Prefect's client computes of them. */
  readonly schemas: readonly { readonly name: string; readonly fields: string; readonly checksum: string }[];
  /** JSON texts and what Python's json.dumps(json.loads(text), sort_keys=True) makes of them. */
  readonly texts: readonly (readonly [text: string, written: string])[];
}

/** Computed once by Python 3.11 and Prefect 3.8.8. */
const expected = JSON.parse(
  readFileSync(new URL('fixtures/python-checksums.json', import.meta.url), 'utf8'),
) as Expected;

test("checksums equal those of Prefect's own client", () => {
  assert.ok(expected.schemas.length > 15);
  for (const { name, fields, checksum } of expected.schemas) {
    const text = checksumText(exactValue(fields) as JsonRecord);
    assert.equal(`sha256:${createHash('sha256').update(text).digest('hex')}`, checksum, name);
  }
});

test("numbers, texts and keys are written as Python's json writes them", () => {
  assert.ok(expected.texts.length > 1000);
  for (const [text, written] of expected.texts) assert.equal(pythonJson(exactValue(text)), written, text);
});
