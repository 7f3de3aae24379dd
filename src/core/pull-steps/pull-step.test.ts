import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OstinatoError } from '../errors.ts';
import { readPullStep } from './pull-step.ts';
import { scriptWords } from './script-words.ts';
import type { PullSources } from './templates.ts';
import { readWrittenSteps } from './written-step.ts';

const secrets = new Set<string>();
const SOURCES: PullSources = {
  environment: { TOKEN: 'from-env', WHERE: 'eu west' },
  variable: async (name) => ({ branch: 'main', evil: '--upload-pack=touch x', words: 'a b; c' })[name],
  block: async (type, name) =>
    type === 'secret' && name === 'git'
      ? { value: 'sesame' }
      : type === 'github'
        ? { token: 'open', user: 'x' }
        : undefined,
  outputs: new Map<string, unknown>([['clone', { directory: 'code' }]]),
  secret: (text) => void secrets.add(text),
};

const GIT = 'prefect.deployments.steps.git_clone';
const SHELL = 'prefect.deployments.steps.run_shell_script';

async function read(name: string, inputs: Readonly<Record<string, unknown>>) {
  const [step] = readWrittenSteps([{ [name]: inputs }]);
  assert.ok(step);
  return await readPullStep(step, SOURCES);
}

async function refused(name: string, inputs: Readonly<Record<string, unknown>>): Promise<string> {
  try {
    await read(name, inputs);
  } catch (error) {
    assert.ok(OstinatoError.is(error), String(error));
    assert.notEqual(error.remedy, '');
    return error.message;
  }
  assert.fail(`taken: ${JSON.stringify(inputs)}`);
}

test("steps by all the names that Prefect's clients write", () => {
  const steps = readWrittenSteps([
    { 'prefect.deployments.steps.set_working_directory': { directory: '/srv' } },
    { 'prefect.deployments.steps.pull.git_clone': { repository: 'https://a.b/c', id: 'clone', requires: 'x' } },
    { 'prefect.projects.steps.git_clone_project': { repository: 'https://a.b/c' } },
    {},
    { 'prefect_aws.deployments.steps.pull_from_s3': { bucket: 'b' } },
  ]);
  assert.deepEqual(
    steps.map(({ kind, id }) => [kind, id]),
    [
      ['folder', null],
      ['git', 'clone'],
      ['git', null],
      [null, null],
    ],
  );
  for (const wrong of ['steps', [1], [{ a: {}, b: {} }], [{ a: 'text' }]])
    assert.throws(() => readWrittenSteps(wrong), { code: 'bad-input' });
});

test('a clone with all that it may say; the token of a block is a secret', async () => {
  const step = await read(GIT, {
    repository: 'https://gitlab.com/team/flows.git',
    branch: '{{ prefect.variables.branch }}',
    commit_sha: 'abcdef1',
    include_submodules: true,
    directories: ['flows/sales'],
    access_token: '{{ prefect.blocks.secret.git }}',
  });
  assert.deepEqual(step, {
    kind: 'git',
    repository: 'https://gitlab.com/team/flows.git',
    protocols: ['https', 'http', 'ssh', 'git'],
    branch: 'main',
    commit: 'abcdef1',
    submodules: true,
    directories: ['flows/sales'],
    into: 'flows-main',
    login: { user: 'oauth2', token: 'sesame' },
  });
  assert.ok(secrets.has('sesame'));
  const block = await read(GIT, {
    repository: 'https://github.com/a/b',
    credentials: '{{ prefect.blocks.github.mine }}',
  });
  assert.deepEqual(block.kind === 'git' && block.login, { user: 'x-access-token', token: 'open' });
  const env = await read(GIT, { repository: 'https://github.com/a/b', access_token: '{{ $TOKEN }}' });
  assert.deepEqual(env.kind === 'git' && env.login?.token, 'from-env');
});

test('hostile values of a clone are refused', async () => {
  for (const repository of [
    'ext::sh -c "touch x"',
    '--upload-pack=touch x',
    '-u',
    'https://-oProxyCommand=x/y',
    'ssh://-oProxyCommand=touch/x',
    'git@-oProxy:x',
    'git@host:-x',
    'fd::17/x',
    '../../elsewhere',
    'https://a.b/c d',
    'https://a.b/c\nd',
    'transport::https://a.b/c',
    'file:///a::b',
  ])
    assert.match(await refused(GIT, { repository }), /repository cannot be/, repository);
  const ok = { repository: 'https://a.b/c' };
  for (const branch of ['--upload-pack=x', '-b', 'a b', 'main;touch x', '$(x)', 'a..b', '/x', '`x`', 'x.lock', 'a\nb'])
    assert.match(await refused(GIT, { ...ok, branch }), /branch cannot be/, branch);
  assert.match(await refused(GIT, { ...ok, branch: '{{ prefect.variables.evil }}' }), /branch cannot be/);
  for (const commit of ['--all', 'HEAD', 'xyz', 'abc;d'])
    assert.match(await refused(GIT, { ...ok, commit_sha: commit }), /commit_sha cannot be/, commit);
  for (const into of ['../x', 'a/b', '-x', '.git', '/etc'])
    assert.match(await refused(GIT, { ...ok, clone_directory_name: into }), /cannot be/, into);
  for (const directory of ['../x', '/etc', '-x', 'a/../../b'])
    assert.match(await refused(GIT, { ...ok, directories: [directory] }), /a path cannot be/, directory);
});

test('a script is cut into words before templates are filled in, and no shell reads it', async () => {
  assert.deepEqual(scriptWords(`echo 'a b' "c \\" d" e\\ f\n\n  ls  ; rm`), [
    ['echo', 'a b', 'c " d', 'e f'],
    ['ls', ';', 'rm'],
  ]);
  const step = await read(SHELL, { script: 'echo {{ prefect.variables.words }} x{{ clone.directory }} {{ $WHERE }}' });
  assert.deepEqual(step.kind === 'shell' && step.lines, [['echo', 'a b; c', 'xcode', 'eu west']]);
  const expanded = await read(SHELL, {
    script: 'echo $WHERE ${MORE} $NONE',
    env: { MORE: '1' },
    expand_env_vars: true,
  });
  assert.deepEqual(expanded.kind === 'shell' && expanded.lines, [['echo', 'eu west', '1', '$NONE']]);
  assert.match(await refused(SHELL, { script: 'git clone {{ prefect.variables.evil }}' }), /would be an option/);
  assert.match(await refused(SHELL, { script: 'echo "never closed' }), /quote is not closed/);
  assert.match(await refused(SHELL, { script: 'echo {{ $WHERE }}', shell: true }), /no templates/);
  const shell = await read(SHELL, { script: 'echo a | cat', shell: true });
  assert.deepEqual(shell.kind === 'shell' && shell.lines, [['sh', '-ec', 'echo a | cat']]);
});

test('what is not known is said', async () => {
  assert.match(await refused(GIT, { repository: '{{ prefect.blocks.none.mine }}' }), /no block "none\/mine"/);
  assert.match(await refused(GIT, { repository: '{{ prefect.variables.none }}' }), /no variable "none"/);
  assert.match(await refused(GIT, { repository: '{{ $NONE }}' }), /environment has no NONE/);
  assert.match(await refused(GIT, { repository: '{{ a.b }}' }), /stands for nothing/);
  assert.match(await refused(GIT, { repository: '{{ __import__("os") }}' }), /stands for nothing/);
  assert.match(await refused(GIT, {}), /"repository" is missing/);
  assert.match(await refused('prefect_aws.deployments.steps.pull_from_s3', {}), /no worker of Ostinato knows/);
  assert.match(
    await refused('prefect.deployments.steps.pip_install_requirements', { requirements_file: '../x.txt' }),
    /a path cannot be/,
  );
});
