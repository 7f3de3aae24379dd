/** The rooms are tidy: small files and functions, names that say something, nothing muted or left for later. */
import assert from 'node:assert/strict';
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { FILE_LINES_MAX, findMess, FUNCTION_LINES_MAX, LINE_LENGTH_MAX } from './house/neatness.ts';
import { parseSource, readSources } from './house/source.ts';

const root = join(import.meta.dirname, '..');
const sources = readSources(root, [
  '{src,sim,bench,tests,examples,scripts,bin,packages}/**/*.{ts,js}',
  '{ui,integrations}/**/*.{ts,tsx}',
]);

/** Every text file of the repository that is not made by a tool. */
const TEXTS = globSync('**/*.{ts,tsx,js,json,md,toml,yaml,yml,css,html,py,sh,sql}', {
  cwd: root,
  exclude: ['**/node_modules', '**/dist', '**/coverage', '.git', '**/.venv'],
}).concat(['.npmrc', '.ci/run']);

test('files, functions, names and comments are tidy', () => {
  assert.ok(sources.length > 50, `only ${sources.length} files were read`);
  assert.deepEqual(sources.flatMap(findMess), []);
});

test('nothing speaks of one machine or of the place that packages came from', () => {
  // Put together, so that this file does not contain what it looks for.
  const machine = new RegExp(['/work', '/root'].map((path) => `${path}/`).join('|'));
  const registry = new RegExp(
    ['registry\\.npm', 'files\\.pythonhosted', 'proxy\\.golang', 'deb\\.debian', 'repo1?\\.maven']
      .map((host) => `${host}\\w*\\.`)
      .join('|'),
  );
  const said = TEXTS.filter((path) => statSync(join(root, path)).size < 2_000_000).flatMap((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    return [machine, registry]
      .flatMap((pattern) => pattern.exec(text)?.[0] ?? [])
      .map((match) => `${path} says ${match}`);
  });
  assert.deepEqual(said, []);
});

test('the lock file says which packages, not where they were fetched', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { resolved?: string; link?: boolean }>;
  };
  const fetched = Object.entries(lock.packages).filter(
    ([, { resolved, link }]) => resolved !== undefined && link !== true,
  );
  assert.deepEqual(fetched, []);
});

test('the lock file has the packages of every platform, not only of the one where it was written', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { optionalDependencies?: object }>;
  };
  const missing = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
    Object.keys(optionalDependencies).filter((name) => !(`node_modules/${name}` in packages)),
  );
  assert.deepEqual(missing, [], 'write it anew: remove node_modules and package-lock.json, then npm install');
});

const MESSY: Record<string, [path: string, text: string]> = {
  'a long file': ['src/core/a.ts', 'export {};\n'.repeat(FILE_LINES_MAX + 1)],
  'a long function': ['src/core/a.ts', `function f() {${'\n'.repeat(FUNCTION_LINES_MAX)}}`],
  'a long line': ['src/core/a.ts', `const a = ${'1 + '.repeat(LINE_LENGTH_MAX / 4)}1;`],
  'a long comment': ['src/core/a.ts', `// ${'word '.repeat(LINE_LENGTH_MAX / 5)}`],
  'a name that says nothing': ['src/core/utils.ts', ''],
  'a name in another case': ['src/core/flowRun.ts', ''],
  'work left for later': ['src/core/a.ts', `// ${'TO'}${'DO'}: later`],
  'a silenced type-checker': ['src/core/a.ts', `// @${'ts'}-ignore`],
  'a silenced linter': ['src/core/a.ts', `/* oxlint${'-'}disable */`],
  'a type-checker talked out of it': ['src/core/a.ts', 'const a = b as any;'],
  'a muted test': ['src/core/a.test.ts', "test.skip('a', () => {});"],
  'a test muted by its options': ['src/core/a.test.ts', "test('a', { todo: 'x' }, () => {});"],
  'a fixed wait': ['src/core/a.test.ts', "test('a', async () => { await delay(50); });"],
  'a fixed wait by a promise': [
    'src/core/a.test.ts',
    "test('a', async () => { await new Promise((resolve) => setTimeout(resolve, 50)); });",
  ],
  'the only test': ['src/core/a.test.ts', "it.only('a', () => {});"],
};

for (const [what, [path, text]] of Object.entries(MESSY)) {
  test(`it reports ${what}`, () => {
    assert.equal(findMess(parseSource(path, text)).length, 1);
  });
}

test('it lets looking again and again be, and the time that a task takes', () => {
  const text = "test('a', async () => { while (!isSo()) await delay(5); task(async () => { await delay(5); }); });";
  assert.deepEqual(findMess(parseSource('src/core/a.test.ts', text)), []);
});

test('it lets long texts be', () => {
  const text = `const a = '${'word '.repeat(LINE_LENGTH_MAX)}';\nconst b = \`${'${a} '.repeat(LINE_LENGTH_MAX)}\`;\n`;
  assert.deepEqual(findMess(parseSource('src/core/a.ts', text)), []);
});

test('it lets long groups of short tests be', () => {
  const text = `describe('all', () => {${"\n  test('a', () => {});".repeat(FUNCTION_LINES_MAX)}\n});`;
  assert.deepEqual(findMess(parseSource('src/core/a.test.ts', text)), []);
});
