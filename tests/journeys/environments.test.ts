/** Environments by the hash of a lock file: made once, shared, never half; of Node and of Python. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { until } from './background.ts';
import { makePlace } from './launch.ts';
import { commitFiles, makeRepository, PulledWorld } from './pulled-world.ts';

const FLOWS = `
import { flow } from 'ostinato';
import { word } from 'tiny';
export const says = flow(async () => {
  process.stdout.write('the word is ' + word + '\\n');
}, { name: 'says' });
`;
const GIT = 'prefect.deployments.steps.git_clone';

after(async () => await world.close());
const place = makePlace();
const repository = join(place.project, 'flows');
const shelf = join(place.home, 'worker', 'environments');
let world: PulledWorld;
let git: (...words: string[]) => string;

before(
  async () => {
    git = makeRepository(repository, { 'flows.ts': FLOWS, ...packagesWith('one') });
    world = await PulledWorld.open(place);
    world.startWorker();
  },
  { timeout: 120_000 },
);

/** A package that lies packed in the repository: no registry is asked. */
function packagesWith(word: string): Record<string, Buffer> {
  const [folder, at] = [join(place.project, `tiny-${word}`), join(place.project, `uses-${word}`)];
  for (const path of [folder, at]) mkdirSync(path, { recursive: true });
  const own = { name: 'tiny', version: '1.0.0', type: 'module', exports: './index.js' };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(own));
  writeFileSync(join(folder, 'index.js'), `export const word = ${JSON.stringify(word)};\n`);
  const env = { PATH: process.env['PATH'], HOME: place.home, npm_config_offline: 'true' };
  execFileSync('npm', ['pack', '--silent', '--pack-destination', at], { cwd: folder, env });
  const program = { name: 'flows', version: '1.0.0', type: 'module', dependencies: { tiny: 'file:tiny-1.0.0.tgz' } };
  writeFileSync(join(at, 'package.json'), JSON.stringify(program));
  execFileSync('npm', ['install', '--silent', '--package-lock-only'], { cwd: at, env });
  return Object.fromEntries(
    ['package.json', 'package-lock.json', 'tiny-1.0.0.tgz'].map((name) => [name, readFileSync(join(at, name))]),
  );
}

/** A wheel by hand, which pip installs without building. */
function wheel(name: string, files: Readonly<Record<string, string>>): Record<string, Buffer> {
  const folder = join(place.project, `wheel-${name}`);
  const info = `${name}-1.0.dist-info`;
  const all: Record<string, string> = {
    ...files,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  };
  const record = [...Object.keys(all), `${info}/RECORD`].map((path) => `${path},,\n`).join('');
  for (const [path, text] of Object.entries({ ...all, [`${info}/RECORD`]: record })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const file = `${name}-1.0-py3-none-any.whl`;
  execFileSync('python3', ['-m', 'zipfile', '-c', join(place.project, file), ...readdirSync(folder)], { cwd: folder });
  return { [file]: readFileSync(join(place.project, file)) };
}

const logsOf = async (id: string): Promise<string> => (await world.logs(id, /Environment .* ready after/)).join('\n');

test(
  'two runs that need the same at once: it is made once, the other waits; a third finds it',
  { timeout: 240_000 },
  async () => {
    const deployment = await world.deployment('says', {
      entrypoint: 'flows.ts:says',
      pull_steps: [{ [GIT]: { repository: `file://${repository}` } }],
    });
    const both = await Promise.all([world.ask(deployment), world.ask(deployment)]);
    for (const id of both) await world.completed(id);
    const logs = await Promise.all(both.map(logsOf));
    assert.equal(logs.filter((text) => /is made: ready after \d+\.\d s/.test(text)).length, 1, logs.join('\n---\n'));
    const third = await world.ask(deployment);
    await world.completed(third);
    assert.match(await logsOf(third), /Environment [0-9a-f]{8} of package-lock\.json was there: ready after/);
    assert.match((await world.logs(third, /the word is/)).join('\n'), /the word is one/);
    assert.equal(environments().length, 1);
    // Another lock file is another environment; what was made stays as it was.
    commitFiles(repository, git, packagesWith('two'));
    const fourth = await world.ask(deployment);
    await world.completed(fourth);
    assert.match((await world.logs(fourth, /the word is/)).join('\n'), /the word is two/);
    assert.equal(environments().length, 2);
  },
);

test('what fails leaves nothing half; what a dead maker left is made anew', { timeout: 240_000 }, async () => {
  const broken = join(place.project, 'broken');
  const files = packagesWith('three');
  makeRepository(broken, { 'flows.ts': FLOWS, 'package.json': '{ "name": "x" }', 'package-lock.json': 'no lock' });
  const fields = (path: string) => ({
    entrypoint: 'flows.ts:says',
    pull_steps: [{ [GIT]: { repository: `file://${path}` } }],
  });
  const before = environments().length;
  const id = await world.ask(await world.deployment('broken', fields(broken), 'says'));
  const { type, message } = await world.ended(id);
  assert.equal(type, 'CRASHED');
  assert.match(message ?? '', /Environment [0-9a-f]{8} of package-lock\.json failed: exit code 1/);
  assert.equal(environments().length, before);
  // A worker that is killed while npm is at work: the environment has no mark, and its claim is of a dead process.
  const slow = join(place.project, 'slow');
  const program = JSON.parse(String(files['package.json'])) as object;
  const script = `test -e ${place.project}/go || { touch ${place.project}/waits; sleep 600; }`;
  const install = { ...program, scripts: { install: script } };
  makeRepository(slow, { 'flows.ts': FLOWS, ...files, 'package.json': JSON.stringify(install) });
  const slowOne = await world.ask(await world.deployment('slow', fields(slow), 'says'));
  await until('npm is at work', () => existsSync(join(place.project, 'waits')));
  const [worker] = world.workers;
  worker?.child.kill('SIGKILL');
  await worker?.ended;
  // The server gives its run back by itself when it has been quiet for a minute.
  await world.call('POST', '/ostinato/processes/reap', {});
  writeFileSync(join(place.project, 'go'), '');
  world.startWorker();
  await world.completed(slowOne);
  assert.match((await world.logs(slowOne, /the word is/)).join('\n'), /the word is three/);
  assert.equal(environments().length, before + 1);
  assert.deepEqual(
    readdirSync(shelf).filter((name) => name.endsWith('.claim')),
    [],
  );
});

test('a step that installs makes an environment; none is made where none is wanted', { timeout: 240_000 }, async () => {
  const wheels = wheel('tinypy', { 'tinypy.py': 'WORD = "of the wheel"\n' });
  const [file = ''] = Object.keys(wheels);
  // What the client is, is no matter here: a module of that name runs.
  const client = wheel('prefect', {
    'prefect/__init__.py': '',
    'prefect/engine.py':
      'import os, sys, tinypy\nprint(tinypy.WORD, os.environ["PREFECT__FLOW_ENTRYPOINT"], sys.prefix)\n',
  });
  const python = join(place.project, 'python');
  const listed = [file, ...Object.keys(client)].map((name) => `./${name}\n`).join('');
  makeRepository(python, { 'flow.py': '', ...wheels, ...client, 'requirements.txt': listed });
  const steps = [
    { [GIT]: { id: 'clone', repository: `file://${python}` } },
    { 'prefect.deployments.steps.pip_install_requirements': { directory: '{{ clone.directory }}' } },
  ];
  const id = await world.ask(await world.deployment('python', { entrypoint: 'flow.py:main', pull_steps: steps }));
  await world.ended(id);
  const logs = (await world.logs(id, /of the wheel/)).join('\n');
  assert.match(logs, /Environment [0-9a-f]{8} of requirements\.txt is made/);
  assert.match(logs, new RegExp(`of the wheel flow\\.py:main ${shelf}/[0-9a-f]{32}/venv`));
  const before = environments().length;
  const without = await world.deployment('without', {
    entrypoint: 'flow.py:main',
    pull_steps: steps.slice(0, 1),
    job_variables: { environment: 'none' },
  });
  await world.ended(await world.ask(without));
  assert.equal(environments().length, before);
  const wrong = await world.ask(
    await world.deployment('wrong', { entrypoint: 'flow.py:main', job_variables: { environment: '../x' } }),
  );
  assert.match((await world.ended(wrong)).message ?? '', /The job variable environment cannot be "\.\.\/x"/);
});

/** Those that are whole. */
function environments(): readonly string[] {
  if (!existsSync(shelf)) return [];
  return readdirSync(shelf).filter((name) => existsSync(join(shelf, name, 'ready.json')));
}
