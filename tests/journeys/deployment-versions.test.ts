/**
 * What is applied again: a three-way merge of what was applied last, what is there and the file; each application that
 * changes something is a version, which one can go back to.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { makeServedPlace } from './served-place.ts';

const FLOWS = `
import { flow } from 'ostinato';
export const count = flow(async ({ word }: { word: string }) => word, { name: 'count' });
`;

const FILE = `name: demo
flow_name: count
entrypoint: flows.ts:count
tags: [a]
parameters:
  word: x
schedules:
  - cron: "0 9 * * *"
  - cron: "0 12 * * *"
    slug: noon
`;

const place = makeServedPlace();
const { env, call, done, json } = place;

function git(...words: string[]): string {
  const author = ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.com'];
  return execFileSync('git', [...author, ...words], { cwd: place.project, encoding: 'utf8' }).trim();
}

before(
  async () => {
    await place.started;
    writeFileSync(join(place.project, 'flows.ts'), FLOWS);
    git('init', '-q', '-b', 'trunk');
  },
  { timeout: 120_000 },
);

interface Shown {
  readonly id: string;
  readonly tags: string[];
  readonly paused: boolean;
  readonly description: string | null;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly schedules: readonly { readonly slug: string | null; readonly active: boolean }[];
}

interface Version {
  readonly version: number;
  readonly kind: string;
  readonly by: string | null;
  readonly checksum: string | null;
  readonly git_commit: string | null;
  readonly git_branch: string | null;
  readonly is_git_dirty: boolean | null;
}

const file = join(place.project, 'demo.yaml');
const write = (text: string): void => writeFileSync(file, text);
const apply = async (...more: string[]): Promise<string> => await done('deployment', 'apply', 'demo.yaml', ...more);
const shown = async (): Promise<Shown> => await json<Shown>('deployment', 'inspect', 'count/demo');

/** As the page or another client changes it. */
async function byHand(change: object): Promise<void> {
  const { id } = await shown();
  const answer = await fetch(`${env['OSTINATO_API_URL']}/deployments/${id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(change),
  });
  assert.equal(answer.status, 204, await answer.text());
}

test('a version says who, which commit, which file; the same again makes none', { timeout: 180_000 }, async () => {
  write(FILE);
  git('add', '.');
  git('commit', '-q', '-m', 'first');
  assert.match(await apply(), /Made deployment count\/demo/);
  assert.match(await apply(), /nothing was changed \(version 1\)/);
  const [version, ...more] = await json<Version[]>('deployment', 'versions', 'demo');
  assert.equal(more.length, 0);
  assert.match(version?.by ?? '', /^.+@.+$/);
  assert.deepEqual(
    { ...version, by: null, created: null, fields: null, schedules: null, deployment_id: null },
    {
      version: 1,
      kind: 'apply',
      file: 'demo.yaml',
      checksum: createHash('sha256').update(readFileSync(file)).digest('hex'),
      git_commit: git('rev-parse', 'HEAD'),
      git_branch: 'trunk',
      is_git_dirty: false,
      rolled_back_to: null,
      by: null,
      created: null,
      fields: null,
      schedules: null,
      deployment_id: null,
    },
  );
  const run = await json<{ labels: Record<string, unknown> }>('deployment', 'run', 'demo', '--in', '1d');
  assert.equal(run.labels['ostinato.deployment.version'], 1, 'a run names its version');
});

test(
  'what was changed by hand stays and is told; what the file changes is set; both is refused, unless forced',
  { timeout: 240_000 },
  async () => {
    await done('deployment', 'pause', 'demo');
    await done('deployment', 'schedule', 'pause', 'demo', 'noon');
    await done('deployment', 'schedule', 'add', 'demo', '--cron', '0 15 * * *');
    await byHand({ description: 'by hand', tags: ['hand'] });
    const diff = await done('deployment', 'diff', 'demo.yaml');
    for (const part of [
      /= paused stays/,
      /= description stays/,
      /= tags stays: \["hand"\] by hand; the file says \["a"\]/,
    ])
      assert.match(diff, part);
    assert.match(diff, /= schedule noon.active stays/);
    assert.match(diff, /= schedule 0 15 \* \* \* stays: added by hand/);

    write(FILE.replace('word: x', 'word: y'));
    const dry = await apply('--dry-run');
    assert.match(dry, /parameters: \{"word":"x"\} → \{"word":"y"\}/);
    assert.deepEqual((await shown()).parameters, { word: 'x' }, 'a dry run changes nothing');
    assert.match(await apply(), /Changed deployment count\/demo \(version 2\)/);
    const after_ = await shown();
    assert.deepEqual(after_.parameters, { word: 'y' });
    assert.deepEqual([after_.paused, after_.description, after_.tags], [true, 'by hand', ['hand']]);
    assert.equal(after_.schedules.length, 3);
    assert.equal(after_.schedules.find(({ slug }) => slug === 'noon')?.active, false);

    await byHand({ tags: ['other'] });
    write(FILE.replace('word: x', 'word: z').replace('[a]', '[b]'));
    const refused = await call('deployment', 'apply', 'demo.yaml');
    assert.equal(refused.exitCode, 4);
    assert.match(refused.stdout, /! tags: was \["hand"\], is \["other"\] by hand, the file says \["b"\]/);
    assert.match(refused.stderr, /nothing was applied[^]*--force/);
    assert.deepEqual((await shown()).parameters, { word: 'y' });
    await apply('--force');
    const forced = await shown();
    assert.deepEqual([forced.tags, forced.parameters], [['b'], { word: 'z' }]);
    assert.equal(forced.schedules.length, 2, 'the one that was added by hand is gone');
    assert.equal(forced.paused, true, 'of which the file says nothing');
  },
);

test(
  'one goes back to a version, and from there; an empty list clears the schedules',
  { timeout: 240_000 },
  async () => {
    write(FILE.replace(/schedules:[^]*/, 'schedules: []\n'));
    await apply();
    assert.deepEqual((await shown()).schedules, []);
    const before_ = await json<Version[]>('deployment', 'versions', 'demo');
    const back = await done('deployment', 'rollback', 'demo', '1');
    assert.match(back, new RegExp(`in version 1 \\(now version ${before_.length + 1}\\)`));
    const there = await shown();
    assert.deepEqual([there.tags, there.parameters, there.schedules.length], [['a'], { word: 'x' }, 2]);
    assert.equal(there.paused, true, 'it stays paused');
    const [newest] = await json<Version[]>('deployment', 'versions', 'demo');
    assert.deepEqual([newest?.kind, newest?.version], ['rollback', before_.length + 1]);
    assert.match(await done('deployment', 'versions', 'demo'), /back to 1/);
    assert.equal((await call('deployment', 'rollback', 'demo', '99')).exitCode, 3);
  },
);

test('several deployments in a file: all, or none where one is wrong or refused', { timeout: 240_000 }, async () => {
  const two = (tag: string): string =>
    ['one', 'two']
      .map((name) => `name: ${name}\nflow_name: count\nentrypoint: flows.ts:count\ntags: [${tag}]\n`)
      .join('---\n');
  write(two('a').replace('name: two\nflow_name: count', 'name: two\nflow_name: cuont'));
  const wrong = await call('deployment', 'apply', 'demo.yaml');
  assert.match(wrong.stderr, /demo\.yaml:7:.*"count", not "cuont"/);
  assert.equal((await call('deployment', 'inspect', 'one')).exitCode, 3);
  write(two('a').replaceAll('tags:', 'tgas:').replace('flow_name: count', 'flow_name: cuont'));
  const all = await call('deployment', 'apply', 'demo.yaml');
  for (const part of [/demo\.yaml:2:.*"count", not "cuont"/, /demo\.yaml:4:.*"tgas"/, /demo\.yaml:9:.*"tgas"/])
    assert.match(all.stderr, part, 'all of it at once');
  write(two('a'));
  assert.match(await apply(), /Made deployment count\/one[^]*Made deployment count\/two/);
  const { id } = await json<Shown>('deployment', 'inspect', 'two');
  await fetch(`${env['OSTINATO_API_URL']}/deployments/${id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ tags: ['hand'] }),
  });
  write(two('b'));
  assert.equal((await call('deployment', 'apply', 'demo.yaml')).exitCode, 4);
  assert.deepEqual((await json<Shown>('deployment', 'inspect', 'one')).tags, ['a']);
  await apply('--force');
  assert.deepEqual((await json<Shown>('deployment', 'inspect', 'one')).tags, ['b']);
});

test(
  'a run that has pinned a version is executed as that says, also when it is retried',
  { timeout: 240_000 },
  async () => {
    for (const name of ['first', 'second'])
      writeFileSync(
        join(place.project, `${name}.ts`),
        `import { appendFileSync, existsSync } from 'node:fs';
import { flow } from 'ostinato';
export const pin = flow(async ({ word }: { word: string }) => {
  appendFileSync('pinned', '${name} ' + word + '\\n');
  if (word === 'a' && !existsSync('mended')) throw new Error('not yet');
}, { name: 'pin' });\n`,
      );
    const text = (entry: string, word: string): string =>
      `name: pin\nflow_name: pin\nentrypoint: ${entry}.ts:pin\nwork_queue_name: pins\nparameters:\n  word: ${word}\n`;
    write(text('first', 'a'));
    await apply();
    write(text('second', 'b'));
    await apply();
    const { id } = await json<Shown>('deployment', 'run', 'pin/pin', '--version', '1');
    await done('deployment', 'run', 'pin/pin');
    await done('agent', 'start', '-q', 'pins', '--run-once');
    const lines = (): readonly string[] =>
      readFileSync(join(place.project, 'pinned'), 'utf8').trim().split('\n').toSorted();
    assert.deepEqual(lines(), ['first a', 'second b']);
    write(text('second', 'c'));
    await apply();
    writeFileSync(join(place.project, 'mended'), '');
    await done('flow-run', 'retry', id);
    assert.deepEqual(lines(), ['first a', 'first a', 'second b']);
    const missing = await call('deployment', 'run', 'pin/pin', '--version', '9');
    assert.equal(missing.exitCode, 3);
    assert.match(missing.stderr, /no version 9[^]*ostinato deployment versions/);
  },
);
