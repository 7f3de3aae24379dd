/** What a new project consists of, as texts: a flow, its test, and what TypeScript and npm want to know. */

/** What the project is made for; the same as this repository works with, which a test compares. */
export const VERSIONS = { zod: '^4.6.7', typescript: '^7.0.2', '@types/node': '^26.6.6', node: '^26.10.0' } as const;

export interface ProjectFacts {
  /** Of the package. */
  readonly name: string;
  /** What `dependencies` says of ostinato: a range, or where its tarball is. */
  readonly ostinato: string;
  /** `.mts` where the package around it is CommonJS: a module all the same. */
  readonly ending: '.ts' | '.mts';
  /** Whether the project brings a Node along, as that of the machine is too old. */
  readonly bringsNode: boolean;
}

export interface ProjectFile {
  readonly name: string;
  readonly text: string;
  /** The file that this one makes sense with only. */
  readonly of?: string;
}

export function dependenciesOf({ ostinato, bringsNode }: Pick<ProjectFacts, 'ostinato' | 'bringsNode'>) {
  const { zod, node, ...development } = VERSIONS;
  return { dependencies: { ostinato, zod }, devDependencies: { ...development, ...(bringsNode ? { node } : {}) } };
}

export function manifestOf(facts: ProjectFacts): ProjectFile {
  const manifest = {
    name: facts.name, version: '0.1.0', private: true, type: 'module',
    scripts: { start: `node flow${facts.ending}`, test: 'node --test', typecheck: 'tsc' },
    ...dependenciesOf(facts),
    // What brings a Node does it by a script of its package, which npm runs for those that are named.
    ...(facts.bringsNode ? { allowScripts: { node: true } } : {}),
  };
  return { name: 'package.json', text: `${JSON.stringify(manifest, null, 2)}\n` };
}

export function projectFiles({ ending }: Pick<ProjectFacts, 'ending'>): readonly ProjectFile[] {
  return [
    { name: `flow${ending}`, text: flow },
    { name: `flow.test${ending}`, text: testOf(`./flow${ending}`), of: `flow${ending}` },
    { name: 'tsconfig.json', text: tsconfig },
    { name: '.gitignore', text: 'node_modules/\n' },
  ];
}

const flow = `import { flow, task } from 'ostinato';
import { z } from 'zod';

/** One step: recorded, and tried again when it throws. */
export const measure = task(async (city: string) => ({ city, letters: city.length }), { name: 'measure', retries: 2, retryDelaySeconds: 1 });

/** Steps put together. The parameters are checked before anything runs. */
export const measureCities = flow(async ({ cities }) => {
  const measured = await measure.map(cities);
  return measured.reduce((sum, { letters }) => sum + letters, 0);
}, {
  name: 'Measure Cities',
  parameters: z.object({ cities: z.array(z.string().min(1)).default(['Lima', 'Oslo', 'Quito']) }),
});

if (import.meta.main) console.log(await measureCities({}));
`;

function testOf(module: string): string {
  return `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestWorld } from 'ostinato/testing';
import { measureCities } from '${module}';

test('the letters of all cities are added', async () => {
  await using world = await createTestWorld();
  assert.equal(await world.run(() => measureCities({ cities: ['Rome', 'Paris'] })), 9);
});

test('a step that fails is tried again, which costs no time here', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'measure', attempt: 1, throw: new Error('not today') }] });
  assert.equal(await world.run(() => measureCities({ cities: ['Rome'] })), 4);
});
`;
}

const tsconfig = `${JSON.stringify({
  compilerOptions: {
    target: 'es2024', lib: ['es2024', 'esnext.disposable'], module: 'nodenext', types: ['node'], strict: true, noEmit: true,
    erasableSyntaxOnly: true, verbatimModuleSyntax: true, allowImportingTsExtensions: true,
  },
  include: ['**/*.ts', '**/*.mts'],
}, null, 2)}\n`;
