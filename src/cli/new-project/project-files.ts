/** The files of a new project: a flow, its test, and configuration of TypeScript and npm. */

/** Versions of the project's dependencies; a test compares them with this repository's. */
export const VERSIONS = { zod: '^4.6.7', typescript: '^7.0.2', '@types/node': '^26.6.6', node: '^26.10.0' } as const;

export interface ProjectFacts {
  /** Name of the package. */
  readonly name: string;
  /** The dependency on ostinato: a version range, or the path of its tarball. */
  readonly ostinato: string;
  /** `.mts` where the surrounding package is CommonJS. */
  readonly ending: '.ts' | '.mts';
  /** Whether the project depends on the package `node`, because the machine's Node is too old. */
  readonly bringsNode: boolean;
  /** Whether `ostinato.yaml` is written, too. */
  readonly hasDeployments: boolean;
}

export interface ProjectFile {
  readonly name: string;
  readonly text: string;
  /** The file without which this one is useless. */
  readonly of?: string;
}

export function dependenciesOf({ ostinato, bringsNode }: Pick<ProjectFacts, 'ostinato' | 'bringsNode'>) {
  const { zod, node, ...development } = VERSIONS;
  return { dependencies: { ostinato, zod }, devDependencies: { ...development, ...(bringsNode ? { node } : {}) } };
}

export function manifestOf(facts: ProjectFacts): ProjectFile {
  const manifest = {
    name: facts.name,
    version: '0.1.0',
    private: true,
    type: 'module',
    scripts: { start: `node flow${facts.ending}`, test: 'node --test', typecheck: 'tsc' },
    ...dependenciesOf(facts),
    // The package `node` installs itself by a script, which npm only runs for packages listed here.
    ...(facts.bringsNode ? { allowScripts: { node: true } } : {}),
  };
  return { name: 'package.json', text: `${JSON.stringify(manifest, null, 2)}\n` };
}

export function projectFiles({
  ending,
  name,
  hasDeployments,
}: Pick<ProjectFacts, 'ending' | 'name' | 'hasDeployments'>): readonly ProjectFile[] {
  return [
    { name: `flow${ending}`, text: flow },
    { name: `flow.test${ending}`, text: testOf(`./flow${ending}`), of: `flow${ending}` },
    { name: 'tsconfig.json', text: tsconfig },
    { name: '.gitignore', text: 'node_modules/\n' },
    ...(hasDeployments ? [{ name: 'ostinato.yaml', text: deploymentsOf(name, ending) }] : []),
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

function deploymentsOf(name: string, ending: string): string {
  return `# The deployments of this project: \`ostinato deploy --all\` brings the server to what stands here.
# {{ env.NAME }}, {{ variables.NAME }} and {{ blocks.TYPE.NAME.FIELD }} are filled in.
name: ${name}

# Before anything is applied:
# build:
#   - install: package.json

# Every deployment has these, unless it says otherwise.
defaults:
  work_queue_name: default

deployments:
  - name: nightly
    flow_name: Measure Cities
    entrypoint: flow${ending}:measureCities
    parameters:
      cities: [Lima, Oslo]
    schedules:
      - cron: "0 3 * * *"
        timezone: UTC
`;
}

const tsconfig = `${JSON.stringify(
  {
    compilerOptions: {
      target: 'es2024',
      lib: ['es2024', 'esnext.disposable'],
      module: 'nodenext',
      types: ['node'],
      strict: true,
      noEmit: true,
      erasableSyntaxOnly: true,
      verbatimModuleSyntax: true,
      allowImportingTsExtensions: true,
    },
    include: ['**/*.ts', '**/*.mts'],
  },
  null,
  2,
)}\n`;
