import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { z } from 'zod';

import { jsonSchemaOf } from '../../sdk/parameters.ts';
import { declarationsOf, type TypedDeployment } from './declarations.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const TSC = join(ROOT, 'node_modules', '.bin', 'tsc');

const parameters = z.object({
  region: z.enum(['eu', 'us']),
  limit: z.int().default(5),
  since: z.date().optional(),
  'odd name': z.array(z.union([z.string(), z.null()])).optional(),
  nested: z.object({ deep: z.tuple([z.number(), z.string()]) }).optional(),
});
const SALES: TypedDeployment = { flowName: 'sales', name: 'sales', schema: jsonSchemaOf(parameters), parameters: {} };
const ALL: readonly TypedDeployment[] = [
  SALES,
  { ...SALES, name: 'eu', parameters: { region: 'eu' } },
  { flowName: 'a', name: 'twice', schema: null, parameters: {} },
  { flowName: 'b', name: 'twice', schema: { type: 'object', properties: {} }, parameters: {} },
  { flowName: 'quote"`*/', name: 'x\n}', schema: { properties: { self: { $ref: '#' } } }, parameters: {} },
];

/** What the type checker says of a program beside the declarations: the lines of its errors. */
function errorsOf(t: TestContext, program: string): readonly number[] {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-types-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'ostinato-deployments.d.ts'), declarationsOf(ALL));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'program.ts'), program);
  const compilerOptions = {
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable'],
    module: 'nodenext',
    strict: true,
    // As the sources are checked, which the program imports here.
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
    skipLibCheck: true,
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules', '@types')],
    allowImportingTsExtensions: true,
    paths: { ostinato: [join(ROOT, 'src', 'index.ts')] },
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const { stdout } = spawnSync(TSC, ['-p', folder], { encoding: 'utf8' });
  const foreign = stdout.split('\n').filter((line) => line.includes('error') && !/program\.ts\(/.test(line));
  assert.deepEqual(foreign, []);
  return [...stdout.matchAll(/program\.ts\((\d+),/g)].map(([, line]) => Number(line));
}

test('a program that asks for runs by the written types is checked', { timeout: 120_000 }, (t) => {
  const good = `import { deployments } from 'ostinato';
await deployments.sales.run({ region: 'eu' });
await deployments['sales/sales'].run({ region: 'us', limit: 3, since: new Date() }, { timeoutSeconds: 0 });
const run = await deployments.eu.run();
run.state.type satisfies string;
await deployments.eu.run({ nested: { deep: [1, 'x'] }, 'odd name': ['a', null] });
await deployments['a/twice'].run({ anything: 1 });
await deployments['quote"\`*/' + '/x' as 'quote"\`*//x\\n}'].run({ self: 1 });
`;
  const wrong = `
await deployments.sales.run();
await deployments.sales.run({ region: 'asia' });
await deployments.sales.run({ region: 'eu', limit: 'many' });
await deployments.sales.run({ region: 'eu', limt: 3 });
await deployments.eu.run({ nested: { deep: ['x', 1] } });
await deployments.twice.run();
await deployments.nowhere.run();
`;
  const lines = good.split('\n').length;
  assert.deepEqual(
    [...new Set(errorsOf(t, good + wrong))],
    [1, 2, 3, 4, 5, 6, 7].map((each) => lines + each),
  );
});
