/** The house stands: every import goes through a door that is drawn in the plan. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';

import { findAmbient } from './house/ambient.ts';
import { findCycles, reachableFrom, runtimeGraph } from './house/graph.ts';
import { findBareErrors, WITHOUT_REMEDY } from './house/remedies.ts';
import { faultOf, findBadSentences } from './house/sentences.ts';
import { isTest, parseSource, readSources } from './house/source.ts';
import { findBreaches, roomOf, WALLS } from './house/walls.ts';

const root = join(import.meta.dirname, '..');
const CODE = ['{src,sim,bench,tests,examples,scripts}/**/*.{ts,js}', '{ui,integrations}/**/*.{ts,tsx}'];
const sources = readSources(root, CODE);
const graph = runtimeGraph(sources.filter(({ path }) => !isTest(path)));

const planted = mkdtempSync(join(tmpdir(), 'ostinato-house-'));
after(() => rmSync(planted, { recursive: true, force: true }));

/** Reads a tree of files that was made to be wrong. */
function plant(name: string, files: Record<string, string>) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(planted, name, dirname(path)), { recursive: true });
    writeFileSync(join(planted, name, path), text);
  }
  return readSources(join(planted, name), CODE);
}

test('no import goes through a wall', () => {
  assert.deepEqual(findBreaches(sources), []);
});

test('the test saw imports in every room that has files', () => {
  for (const room of Object.keys(WALLS)) {
    const inRoom = sources.filter(({ path }) => roomOf(path) === room);
    if (inRoom.length === 0) continue;
    const count = inRoom.reduce((sum, { imports }) => sum + imports.length, 0);
    assert.ok(count > 0, `${room} has ${inRoom.length} files, but no import was seen in them`);
  }
  assert.ok(sources.length > 50, `only ${sources.length} files were read`);
});

test('every error says what to do next, or its code says why there is nothing', () => {
  const found = sources.filter(({ path }) => path.startsWith('src/') && !isTest(path)).map(findBareErrors);
  const seen = found.reduce((sum, report) => sum + report.seen, 0);
  assert.ok(seen > 200, `only ${seen} errors were looked at`);
  assert.deepEqual(
    found.flatMap(({ missing }) => missing),
    [],
  );
  const bare = new Set(found.flatMap((report) => report.bare));
  assert.deepEqual(
    Object.keys(WITHOUT_REMEDY).filter((code) => !bare.has(code)),
    [],
    'a code whose errors all have a remedy needs no reason',
  );
  const planted = parseSource('src/core/a.ts', "throw new OstinatoError('timed-out', 'It took long.', { cause });");
  assert.deepEqual(findBareErrors(planted).missing, ['src/core/a.ts:1 throws timed-out without a remedy.']);
});

test('what an error says ends once, and has its words one space apart', () => {
  const found = sources.filter(({ path }) => path.startsWith('src/') && !isTest(path)).map(findBadSentences);
  const seen = found.reduce((sum, report) => sum + report.seen, 0);
  assert.ok(seen > 500, `only ${seen} texts were looked at`);
  assert.deepEqual(
    found.flatMap(({ wrong }) => wrong),
    [],
  );
  const text = "throw new OstinatoError('bad-input', isOne ? 'One.' : `No  ${what}.`, { remedy: 'Say ' + 'it..' });";
  assert.deepEqual(findBadSentences(parseSource('src/core/a.ts', text)).wrong, [
    'src/core/a.ts:1 has two spaces in a row: No  ….',
    'src/core/a.ts:1 ends twice: Say it..',
  ]);
  assert.equal(faultOf('Wait for it...'), null);
});

test('every relative import names a file that is there', () => {
  const known = new Set(sources.map(({ path }) => path));
  const missing = sources.flatMap(({ path, imports }) =>
    imports
      .filter(({ target }) => target !== null && /\.tsx?$/.test(target) && !known.has(target))
      .map(({ line, target }) => `${path}:${line} → ${target}`),
  );
  assert.deepEqual(missing, []);
});

test('no circle of files loads itself', () => {
  assert.deepEqual(findCycles(graph), []);
});

test('rules and runs take time, chance and timers through ports', () => {
  assert.deepEqual(sources.flatMap(findAmbient), []);
});

test('the SDK door loads nothing of the server', () => {
  const loaded = reachableFrom(graph, 'src/index.ts');
  assert.ok(loaded.size > 5, `only ${loaded.size} modules behind the door: the graph was not followed`);
  const heavy = [...loaded].filter((path) => /^src\/(server|store|orchestrator|services|api|cli|testing)\//.test(path));
  assert.deepEqual(heavy, []);
});

test("what Node really loads for `import 'ostinato'` agrees", () => {
  const script = `
    import { registerHooks } from 'node:module';
    const urls = [];
    registerHooks({ load(url, context, next) { urls.push(url); return next(url, context); } });
    await import('ostinato');
    console.log(JSON.stringify(urls));`;
  const urls = JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: root, encoding: 'utf8' }),
  ) as string[];
  assert.ok(urls.some((url) => url.endsWith('/src/index.ts')));
  assert.deepEqual(
    urls.filter((url) => /\/src\/(server|store|orchestrator|services|api|cli|testing)\/|\/node_modules\//.test(url)),
    [],
  );
});

const WRONG: Record<string, [path: string, text: string]> = {
  'a static import': ['src/core/a.ts', "import { b } from '../platform/b.ts';"],
  'an import of types': ['src/core/a.ts', "import type { B } from '../platform/b.ts';"],
  'an import in a type': ['src/core/a.ts', "export type B = import('../platform/b.ts').B;"],
  'a dynamic import': ['src/engine/a.ts', "await import('../server/embedded.ts');"],
  'a re-export': ['src/client/a.ts', "export { b } from '../store/port.ts';"],
  'a re-export of everything': ['src/client/a.ts', "export * from '../store/port.ts';"],
  'a worker by URL': ['src/engine/a.ts', "new Worker(new URL('../server/thread.ts', import.meta.url));"],
  'a built-in module': ['src/core/a.ts', "import { join } from 'node:path';"],
  'a built-in module that is not among the few': ['src/engine/a.ts', "import { readFileSync } from 'node:fs';"],
  'an npm package': ['src/sdk/a.ts', "import { z } from 'zod';"],
  'a lazy room, loaded at once': ['src/sdk/a.ts', "import { open } from '../server/embedded.ts';"],
  'more of the store than its port': ['src/orchestrator/a.ts', "import { x } from '../store/dialect/sqlite/open.ts';"],
  'a file in no room': ['src/attic/a.ts', 'export {};'],
  'code of the contract in a page': ['ui/api/a.ts', "import { State } from '../../src/contract/schema/state.ts';"],
  'a page that knows the server': ['ui/features/a.tsx', "import type { A } from '../../src/api/app.ts';"],
  'a part of pages that knows a noun': ['ui/components/a.tsx', "import { b } from '../features/flows/b.ts';"],
  'an example behind the doors': ['examples/01-a.ts', "import { flow } from '../src/sdk/flow.ts';"],
};

for (const [what, [path, text]] of Object.entries(WRONG)) {
  test(`it reports ${what}`, () => {
    const breaches = findBreaches(plant(what.replaceAll(' ', '-'), { [path]: text }));
    assert.equal(breaches.length, 1, breaches.join('\n'));
    assert.ok(breaches[0]?.startsWith(path));
  });
}

test('it reports a circle, but not one of types or of lazy imports', () => {
  const circle = plant('circle', { 'src/core/a.ts': "import './b.ts';", 'src/core/b.ts': "export * from './a.ts';" });
  assert.deepEqual(findCycles(runtimeGraph(circle)), ['src/core/a.ts → src/core/b.ts → src/core/a.ts']);
  const harmless = plant('harmless', {
    'src/core/a.ts': "import type { B } from './b.ts'; import('./b.ts');",
    'src/core/b.ts': "import './a.ts';",
  });
  assert.deepEqual(findCycles(runtimeGraph(harmless)), []);
});

test('it reports ambient time and chance', () => {
  const [source] = plant('ambient', {
    'src/core/a.ts': 'export const a = [Date.now(), new Date(), Math.random(), setTimeout(f, 1)];',
  });
  assert.equal(source === undefined ? 0 : findAmbient(source).length, 4);
});
