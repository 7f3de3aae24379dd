/** What a flow file that runs by itself loads: what its run needs, and nothing else (ADR 064). */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, test } from 'node:test';

import { isPromise } from '../src/core/maybe-promise.ts';
import type { LazyModule } from '../src/core/lazy-module.ts';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'ostinato-plain-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const WATCH = `
import { registerHooks } from 'node:module';
import { writeFileSync } from 'node:fs';
const urls = [];
registerHooks({ load(url, context, next) { urls.push(url); return next(url, context); } });
process.on('exit', () => writeFileSync(process.env.LOADED, JSON.stringify(urls)));`;

/** Runs the program in a home of that name. @returns the paths of our modules that it loaded, and what it printed */
function loadedBy(name: string, program: string): { readonly modules: readonly string[]; readonly printed: string } {
  const file = join(folder, `${name}.mjs`);
  const watch = join(folder, 'watch.mjs');
  const list = join(folder, `${name}.json`);
  const ostinato = JSON.stringify(pathToFileURL(join(root, 'src/doors/ostinato.js')).href);
  writeFileSync(watch, WATCH);
  writeFileSync(file, `import * as ostinato from ${ostinato};\nconst { flow, task } = ostinato;\n${program}`);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    LOADED: list,
    OSTINATO_HOME: join(folder, name),
    OSTINATO_LOG_LEVEL: 'warning',
  };
  delete env['OSTINATO_API_URL'];
  const ran = spawnSync(process.execPath, ['--import', pathToFileURL(watch).href, file], { env, encoding: 'utf8' });
  assert.equal(ran.status, 0, ran.stderr);
  const urls = JSON.parse(readFileSync(list, 'utf8')) as readonly string[];
  const source = pathToFileURL(join(root, 'src/')).href;
  return {
    modules: urls.filter((url) => url.startsWith(source)).map((url) => url.slice(source.length)),
    printed: ran.stdout,
  };
}

const ONE_TASK = `
const add = task((a, b) => a + b, { name: 'add' });
console.log(await flow(async () => await add(1, 2), { name: 'one' })());`;

/** A little more than there are (301 and 303). Whoever needs more asks first whether every run needs it. */
const MODULES_MAX = 302;
/** With the schema, and what makes it. */
const MODULES_OF_A_NEW_HOME_MAX = 304;

test('a flow of one task loads no more modules than it did, in a new home and in one that has been used', () => {
  for (const max of [MODULES_OF_A_NEW_HOME_MAX, MODULES_MAX]) {
    const { modules, printed } = loadedBy('plain', ONE_TASK);
    assert.equal(printed, '3\n');
    assert.ok(modules.includes('index.ts') && modules.includes('server/embedded.ts'), 'the modules were not seen');
    assert.ok(
      modules.length <= max,
      `${modules.length} modules are loaded, at most ${max} should be: load what only some runs need with lazyModule`,
    );
  }
});

test('nor anything of nouns that it does not use', () => {
  const others =
    /^(api|contract|services|worker|cli)\/|^orchestrator\/(blocks|concurrency|deployments|work-pools)\/(?!ports)|control-storage\.ts$|\/isolated-session\.ts$/;
  const { modules } = loadedBy('nouns', ONE_TASK);
  assert.deepEqual(
    modules.filter((path) => others.test(path) && path !== 'store/later-control-storage.ts'),
    [],
  );
});

test('what a run does use is loaded when it does: a variable, tags, a cache, a transaction', () => {
  const { printed } = loadedBy(
    'used',
    `
const { variables, INPUTS, transaction } = ostinato;
const add = task((a, b) => a + b, { name: 'add', tags: ['adding'], cache: INPUTS, onCommit: () => console.log('committed') });
export const main = flow(async () => {
  await variables.set('day', 'monday');
  const sum = await transaction(() => add(1, 2));
  return [await variables.get('day'), sum, await add(1, 2)].join(' ');
}, { name: 'uses' });
console.log(await main());`,
  );
  assert.equal(printed, 'committed\nmonday 3 3\n');
});

test('whoever wants everything at once has it: no first call waits', async () => {
  for (const room of ['engine', 'orchestrator']) {
    const later = (await import(`../src/${room}/loaded-later.ts`)) as Readonly<Record<string, LazyModule<unknown>>>;
    const all = (await import(`../src/${room}/all-loaded.ts`)) as Readonly<Record<string, () => void>>;
    for (const provide of Object.values(all)) provide();
    const waiting = Object.keys(later).filter((name) => isPromise(later[name]?.(() => name) ?? name));
    assert.deepEqual(waiting, [], `${room}/all-loaded.ts does not provide them`);
    assert.ok(Object.keys(later).length > 5);
  }
});
