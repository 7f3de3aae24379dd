/** Pull steps, carried out by the worker: clones, folders and scripts, what fails, and what is refused. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { until } from './background.ts';
import { makePlace } from './launch.ts';
import { commitFiles, makeRepository, PulledWorld } from './pulled-world.ts';

const flowFile = (word: string): string => `
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { flow } from 'ostinato';
export const tells = flow(async () => {
  const more = existsSync('lib/word.txt') ? readFileSync('lib/word.txt', 'utf8') : null;
  const made = existsSync('made.txt') ? readFileSync('made.txt', 'utf8') : null;
  appendFileSync(process.env.TOLD_FILE, JSON.stringify({ word: ${JSON.stringify(word)}, folder: process.cwd(), more, made }) + '\\n');
}, { name: 'tells' });
`;
const GIT = 'prefect.deployments.steps.git_clone';
const SHELL = 'prefect.deployments.steps.run_shell_script';
const FOLDER = 'prefect.deployments.steps.set_working_directory';

interface Told {
  readonly word: string;
  readonly folder: string;
  readonly more: string | null;
  readonly made: string | null;
}

after(async () => {
  git.close();
  await world.close();
});
const place = makePlace();
const told = join(place.project, 'told.jsonl');
const repository = join(place.project, 'repositories', 'flows');
const runs = join(place.home, 'worker', 'runs');
let world: PulledWorld;
let commit = '';
let serial = 0;
let git: Server;
const asked: (string | undefined)[] = [];

before(
  async () => {
    writeFileSync(told, '');
    const library = join(place.project, 'repositories', 'library');
    makeRepository(library, { 'word.txt': 'of the library' });
    const inRepository = makeRepository(repository, { 'flows.ts': flowFile('first') });
    commit = inRepository('rev-parse', 'HEAD');
    inRepository('submodule', '--quiet', 'add', '../library', 'lib');
    symlinkSync('/etc', join(repository, 'out'));
    commitFiles(repository, inRepository, { 'flows.ts': flowFile('newest'), 'deep/flows.ts': flowFile('deep') });
    inRepository('checkout', '--quiet', '-b', 'side');
    commitFiles(repository, inRepository, { 'flows.ts': flowFile('side') });
    inRepository('checkout', '--quiet', 'main');
    // A service that wants a token, and has no repository.
    git = createServer((request, response) => {
      asked.push(request.headers.authorization);
      response.writeHead(404).end();
    }).listen(0, '127.0.0.1');
    world = await PulledWorld.open(place);
    world.startWorker({ TOLD_FILE: told });
  },
  { timeout: 120_000 },
);

async function asking(steps: readonly unknown[], entrypoint = 'flows.ts:tells'): Promise<string> {
  const name = `d${(serial += 1)}`;
  return await world.ask(await world.deployment(name, { entrypoint, pull_steps: steps }, 'tells'));
}

async function ran(steps: readonly unknown[], entrypoint?: string): Promise<{ id: string; told: Told }> {
  const id = await asking(steps, entrypoint);
  await world.completed(id);
  return { id, told: JSON.parse(readFileSync(told, 'utf8').trim().split('\n').at(-1) ?? '') as Told };
}

const here = (): string => `file://${repository}`;

test(
  'a clone: newest state, branch, commit, submodules; in a folder of the run alone',
  { timeout: 180_000 },
  async () => {
    const { id, told: newest } = await ran([{ [GIT]: { repository: here(), branch: null } }]);
    assert.deepEqual([newest.word, newest.folder, newest.more], ['newest', join(runs, id, 'flows'), null]);
    const logs = await world.logs(id, /is done after/);
    assert.ok(
      logs.some((line) => line === `Pull step 1 of 1 (git clone of file://${repository}) begins.`),
      logs.join('\n'),
    );
    assert.ok(
      logs.some((line) => line.includes("Cloning into 'flows'")),
      'what git writes',
    );
    await until('its folder is gone', () => !existsSync(join(runs, id)));
    assert.equal((await ran([{ [GIT]: { repository: here(), branch: 'side' } }])).told.word, 'side');
    const { told: old } = await ran([
      { [GIT]: { repository: here(), commit_sha: commit, clone_directory_name: 'old' } },
    ]);
    assert.deepEqual([old.word, old.folder.endsWith('/old')], ['first', true]);
    const whole = await ran([{ [GIT]: { repository: here(), include_submodules: true } }]);
    assert.equal(whole.told.more, 'of the library');
    assert.equal((await ran([{ [GIT]: { repository: here() } }], 'deep/flows.ts:tells')).told.word, 'deep');
  },
);

test('scripts, without a shell and with one; outputs, variables and secrets', { timeout: 180_000 }, async () => {
  await world.call('POST', '/variables/', { name: 'word', value: 'two words; touch bad' });
  const [type] = await world.call<[{ id: string }]>('POST', '/block_types/filter', {
    block_types: { slug: { any_: ['secret'] } },
  });
  const [schema] = await world.call<[{ id: string }]>('POST', '/block_schemas/filter', {
    block_schemas: { block_type_id: { any_: [type.id] } },
  });
  await world.call('POST', '/block_documents/', {
    name: 'token',
    data: { value: 'open-sesame' },
    block_type_id: type.id,
    block_schema_id: schema.id,
  });
  const directory = '{{ clone.directory }}';
  const { id, told: seen } = await ran([
    { [GIT]: { id: 'clone', repository: here() } },
    { [SHELL]: { id: 'says', directory, script: 'echo {{ prefect.variables.word }} && ls' } },
    {
      [SHELL]: {
        directory,
        shell: true,
        env: { SAID: '{{ says.stdout }}' },
        script: 'printf %s "$SAID" | tee made.txt',
      },
    },
    { [SHELL]: { script: 'echo {{ prefect.blocks.secret.token }}' } },
  ]);
  assert.equal(seen.made, 'two words; touch bad && ls');
  const logs = await world.logs(id, /Pull step 4 of 4 .* is done/);
  assert.ok(logs.includes('***'), logs.join('\n'));
  assert.ok(!logs.some((line) => line.includes('open-sesame')));
});

test('a folder of the machine is where the run begins', { timeout: 120_000 }, async () => {
  const local = join(place.project, 'local');
  mkdirSync(local);
  writeFileSync(join(local, 'flows.ts'), flowFile('local'));
  const { told: seen } = await ran([{ [FOLDER]: { directory: local } }]);
  assert.deepEqual([seen.word, seen.folder], ['local', local]);
});

test('a token goes to its service, and into no log', { timeout: 120_000 }, async () => {
  const address = `http://127.0.0.1:${(git.address() as AddressInfo).port}/team/flows.git`;
  const id = await asking([{ [GIT]: { repository: address, access_token: 'very-secret', branch: 'main' } }]);
  const state = await world.ended(id);
  assert.equal(state.type, 'CRASHED');
  const logs = await world.logs(id, /could not be started/);
  assert.ok(logs.some((line) => line.includes('It is tried again')));
  assert.ok(!`${state.message} ${logs.join(' ')}`.includes('very-secret'));
  assert.ok(asked.includes(`Basic ${btoa('x-access-token:very-secret')}`));
});

test('what fails is named, and nothing after it is begun', { timeout: 120_000 }, async () => {
  const id = await asking([
    { [GIT]: { repository: here() } },
    { [SHELL]: { script: 'sh -c "echo on its last legs >&2; exit 7"' } },
    { [SHELL]: { script: `touch ${join(place.project, 'after')}` } },
  ]);
  const { type, message } = await world.ended(id);
  assert.equal(type, 'CRASHED');
  assert.match(message ?? '', /Pull step 2 of 3 \(script sh -c .*\) failed: exit code 7\. It wrote: on its last legs/);
  assert.ok(!existsSync(join(place.project, 'after')));
  await until('nothing is left', () => readdirSync(runs).length === 0);
});

test('hostile steps are refused, and nothing is executed', { timeout: 180_000 }, async () => {
  const mark = join(place.project, 'executed');
  const clone = { [GIT]: { repository: here() } };
  const cases: readonly (readonly [readonly unknown[], RegExp, string?])[] = [
    [[{ [GIT]: { repository: `ext::sh -c "touch ${mark}"` } }], /repository cannot be/],
    [[{ [GIT]: { repository: here(), branch: `--upload-pack=touch ${mark}` } }], /branch cannot be/],
    [[{ [GIT]: { repository: `--upload-pack=touch ${mark}` } }], /repository cannot be/],
    [[clone, { [SHELL]: { script: `touch ${mark}`, directory: '../..' } }], /leads out of the folder/],
    [[clone, { [SHELL]: { script: `touch ${mark}`, directory: 'flows/out' } }], /leads out of the folder/],
    [[clone, { [FOLDER]: { directory: '../' } }], /leads out of the folder/],
    [[clone], /leads out of what was pulled/, '../../../project/local/flows.ts:tells'],
    [[clone], /leads out of what was pulled/, 'out/passwd.ts:tells'],
    [[{ 'os.system': { command: `touch ${mark}` } }], /os\.system is a function that no worker of Ostinato knows/],
    [[{ a: {}, b: {} }], /cannot be read: number 1 names several functions/],
  ];
  for (const [steps, why, entrypoint] of cases) {
    const { type, message } = await world.ended(await asking(steps, entrypoint));
    assert.equal(type, 'CRASHED');
    assert.match(message ?? '', why);
  }
  assert.ok(!existsSync(mark));
});

test(
  'a run that is cancelled while its code is pulled: the step ends, the run is Cancelled',
  { timeout: 120_000 },
  async () => {
    const pids = join(place.project, 'pids');
    const id = await asking([{ [SHELL]: { shell: true, script: `echo $$ > ${pids}; sleep 600` } }]);
    const pid = await until('the step is at work', () => existsSync(pids) && readFileSync(pids, 'utf8').trim());
    await world.call('POST', `/flow_runs/${id}/set_state`, { state: { type: 'CANCELLING' }, force: true });
    assert.equal((await world.ended(id)).type, 'CANCELLED');
    await until('it is gone', () => !existsSync(`/proc/${pid}`));
  },
);

const last = (): Told => JSON.parse(readFileSync(told, 'utf8').trim().split('\n').at(-1) ?? '') as Told;
const env = (): Record<string, string> => ({ OSTINATO_API_URL: world.url, TOLD_FILE: told });

test(
  'pull of ostinato.yaml: the worker pulls, fills templates in, and runs what lies there',
  { timeout: 180_000 },
  async () => {
    const project = join(place.project, 'shop');
    mkdirSync(join(project, 'deep'), { recursive: true });
    writeFileSync(join(project, 'deep', 'flows.ts'), flowFile('not pulled'));
    const write = (pull: string): void =>
      writeFileSync(
        join(project, 'ostinato.yaml'),
        `name: shop\npull:\n${pull}\ndeployments:\n  - { name: pulled, flow_name: tells, path: deep, entrypoint: "flows.ts:tells", work_queue_name: default }\n`,
      );
    await world.call('POST', '/variables/', { name: 'flows', value: here() });
    write(
      '  - git: { repository: "{{ variables.flows }}", branch: main, into: code }\n' +
        '  - { shell: "printf %s \\"$SAID\\" > deep-made.txt && mv deep-made.txt made.txt", env: { SAID: "{{ variables.flows }}" } }',
    );
    const deploy = async () => await place.ostinato(['deploy'], { env: env(), cwd: project });
    const deployed = await deploy();
    assert.equal(deployed.exitCode, 0, deployed.stderr);
    const found = await world.call<{
      id: string;
      path: string | null;
      entrypoint: string;
      pull_steps: readonly unknown[];
    }>('GET', '/deployments/name/tells/pulled');
    assert.deepEqual([found.path, found.entrypoint, found.pull_steps.length], [null, 'deep/flows.ts:tells', 2]);
    const id = await world.ask(found.id);
    await world.completed(id);
    assert.deepEqual([last().word, last().made, last().folder.endsWith(`${id}/code`)], ['deep', here(), true]);
    for (const [wrong, why] of [
      ['  - git: { repository: "ext::sh -c touch% was-run" }', /"git\.repository" cannot be/],
      ['  - git: { repository: "https://a.b/c", token: literal }', /A token would stand in the file/],
      ['  - shell: echo {{ variables.flows }}', /has no templates/],
      ['  - install: ../requirements.txt', /Nothing is known to install/],
      ['  - { shell: a, install: package.json }', /at once/],
    ] as const) {
      write(wrong);
      const { exitCode, stderr } = await deploy();
      assert.equal(exitCode, 2, stderr);
      assert.match(stderr, why);
      assert.match(stderr, /ostinato\.yaml:3/);
    }
  },
);

test(
  'flow.from: a flow of a repository is deployed with the steps that pull it, one of a folder without',
  { timeout: 180_000 },
  async () => {
    const program = join(place.project, 'from.ts');
    const at = (source: string, more: string): string =>
      `import { flow } from 'ostinato';\nconst found = await flow.from(${JSON.stringify(source)}, { ${more} });\n` +
      `console.log(found.flowName, (await found.deploy({ name: 'far' })).isNew);\n`;
    const run = async (source: string, more: string) => {
      writeFileSync(program, at(source, more));
      return await place.ostinato(['run', program], { env: env() });
    };
    const deployed = await run(here(), "entrypoint: 'flows.ts:tells', branch: 'side'");
    assert.match(deployed.stdout, /tells true/, deployed.stderr);
    const find = async () =>
      await world.call<{ id: string; path: string | null; entrypoint: string; pull_steps: readonly unknown[] | null }>(
        'GET',
        '/deployments/name/tells/far',
      );
    const far = await find();
    assert.deepEqual(far.pull_steps, [{ [GIT]: { repository: here(), branch: 'side' } }]);
    assert.deepEqual([far.path, far.entrypoint], [null, 'flows.ts:tells']);
    await world.completed(await world.ask(far.id));
    assert.equal(last().word, 'side');
    const beside = join(place.project, 'beside');
    mkdirSync(beside);
    writeFileSync(join(beside, 'flows.ts'), flowFile('beside').replaceAll("'tells'", "'besides'"));
    const local = await run('beside', "entrypoint: 'flows.ts:tells'");
    assert.match(local.stdout, /besides true/, local.stderr);
    for (const [source, more, why] of [
      ['ext::sh -c "touch x"', "entrypoint: 'a.ts:b'", /There is no folder|is no address/],
      ['ssh://-oProxyCommand=x/y', "entrypoint: 'a.ts:b'", /is no address of a repository/],
      [here(), "entrypoint: '../../x.ts:b'", /leads out of/],
      [here(), "entrypoint: 'flows.ts:none'", /exports no flow "none"/],
      [here(), "entrypoint: 'flows.ts:tells', branch: '--upload-pack=x'", /branch/],
      [`${here()}-none`, "entrypoint: 'flows.ts:tells'", /could not be cloned/],
    ] as const) {
      const { stdout, stderr, exitCode } = await run(source, more);
      assert.notEqual(exitCode, 0);
      assert.match(stdout + stderr, why);
    }
  },
);
