/** What the types of a door promise is there when the program runs, for every door of the package. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'node:test';

import { valueNames } from './door-names.ts';

const root = join(import.meta.dirname, '..');
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, string | { readonly types: string; readonly default: string }>;
};
const load = async (file: string): Promise<object> => (await import(pathToFileURL(join(root, file)).href)) as object;

for (const [name, target] of Object.entries(exports)) {
  if (typeof target === 'string') continue;
  test(`"${name}": every value that its types name is exported, and the same one`, async () => {
    const [typed, real] = [
      await load(target.types.replace('./dist/', './src/').replace('.d.ts', '.ts')),
      await load(target.default),
    ];
    assert.deepEqual(Object.keys(real).sort(), Object.keys(typed).sort());
    const source = readFileSync(join(root, target.types.replace('./dist/', './src/').replace('.d.ts', '.ts')), 'utf8');
    assert.deepEqual(Object.keys(real).sort(), valueNames(source), 'each has a type, and what has one is there');
    const required = createRequire(import.meta.url)(join(root, target.default)) as object;
    assert.deepEqual(Object.keys(required).sort(), Object.keys(real).sort(), 'by require as by import');
    for (const [key, value] of Object.entries(typed)) {
      assert.notEqual(value, undefined, `${key} is exported without a value`);
      assert.equal((real as Record<string, unknown>)[key], value, `${key} is another value behind its types`);
    }
  });
}
