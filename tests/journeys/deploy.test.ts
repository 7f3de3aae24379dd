/** `ostinato.yaml`: many deployments of a project, templates, steps; what is hostile is refused, and nothing is run. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { makeServedPlace } from './served-place.ts';

const FLOWS = `
import { flow } from ${JSON.stringify(import.meta.resolve('ostinato'))};
import { z } from ${JSON.stringify(import.meta.resolve('zod'))};
const parameters = z.object({ region: z.string().default('eu'), limit: z.int().min(1).default(5) });
export const sales = flow(({ region, limit }) => region + limit, { name: 'sales', parameters });
export const stock = flow(({ region, limit }) => region + limit, { name: 'stock', parameters });
`;

const place = makeServedPlace({ REGION: 'us' });
const { env, call, done } = place;
const inProject = (...parts: string[]): string => join(place.project, ...parts);
const write = (text: string): void => writeFileSync(inProject('ostinato.yaml'), text);

writeFileSync(inProject('flows.ts'), FLOWS);

async function inspect(name: string): Promise<Readonly<Record<string, unknown>>> {
  return JSON.parse(await done('deployment', 'inspect', name, '-o', 'json')) as Record<string, unknown>;
}

const isThere = async (name: string): Promise<boolean> => (await call('deployment', 'inspect', name)).exitCode === 0;

const GOOD = `
name: shop
build:
  - shell: echo "$WORD" > built
    env: { WORD: "{{ env.REGION }}" }
push:
  - local: { from: flows.ts, to: published/flows.ts }
defaults:
  tags: [shop]
  work_queue_name: night
deployments:
  - name: nightly
    flow_name: sales
    entrypoint: flows.ts:sales
    description: "for {{ env.REGION }} and {{ variables.shop_name }}"
    parameters: { region: "{{ env.REGION }}", limit: "{{ variables.sales_limit }}" }
    schedules: [{ cron: "0 3 * * *" }]
  - name: nightly
    flow_name: stock
    entrypoint: flows.ts:stock
    tags: [other]
`;

test('all deployments of a project, then some; what is named no more is pruned', { timeout: 240_000 }, async () => {
  await done('variable', 'set', 'sales_limit', '7');
  await done('variable', 'set', 'shop_name', 'Ada');
  write(GOOD);
  const dry = await done('deploy', '--all', '--dry-run');
  for (const part of [
    'Would run shell: echo',
    'Deployment sales/nightly would be made',
    'Deployment stock/nightly would be made',
  ])
    assert.ok(dry.includes(part), dry);
  assert.ok(!existsSync(inProject('built')));
  assert.equal(await isThere('sales/nightly'), false);

  assert.match(await done('deploy', '--all'), /Made deployment sales\/nightly[^]*Made deployment stock\/nightly/);
  assert.equal(readFileSync(inProject('built'), 'utf8'), 'us\n');
  assert.equal(readFileSync(inProject('published', 'flows.ts'), 'utf8'), FLOWS);
  const made = await inspect('sales/nightly');
  assert.deepEqual(
    [made['parameters'], made['description'], made['tags'], made['work_queue_name']],
    [{ region: 'us', limit: 7 }, 'for us and Ada', ['shop'], 'night'],
  );
  assert.deepEqual((await inspect('stock/nightly'))['tags'], ['other'], 'what it says itself counts');
  assert.match(
    await done('deploy', '--all'),
    /sales\/nightly is as the file says.*\n.*stock\/nightly is as the file says/,
  );

  const several = await call('deploy');
  assert.equal(several.exitCode, 2);
  assert.match(several.stderr, /has 2 deployments: sales\/nightly, stock\/nightly.*--all/s);
  assert.match((await call('deploy', '-n', 'nigthly')).stderr, /no single deployment "nigthly"/);
  write(GOOD.replace('tags: [other]', 'tags: [changed]'));
  assert.match(
    await done('deploy', '-n', 'stock/nightly'),
    /Changed deployment stock\/nightly \(version 2\):\n {2}tags/,
  );

  await done('deployment', 'build', '-n', 'by-hand', 'flows.ts:stock', '--file', 'by-hand.yaml');
  await done('deployment', 'apply', 'by-hand.yaml');
  write(GOOD.slice(0, GOOD.lastIndexOf('  - name: nightly')));
  assert.match(await done('deploy', '--all', '--prune', '--dry-run'), /Would delete deployment stock\/nightly/);
  assert.equal(await isThere('stock/nightly'), true);
  const pruned = JSON.parse(await done('deploy', '--all', '--prune', '-o', 'json')) as { readonly pruned: unknown };
  assert.deepEqual(pruned.pruned, ['stock/nightly']);
  assert.deepEqual([await isThere('stock/nightly'), await isThere('stock/by-hand')], [false, true]);
});

test(
  'each is a version of the file; what was changed by hand stays, or refuses all of it',
  { timeout: 240_000 },
  async () => {
    const two = (limit: number, tag: string): string =>
      GOOD.replace('"{{ variables.sales_limit }}"', String(limit)).replace('other', tag);
    await done('variable', 'set', 'shop_name', 'Ada', '--overwrite');
    write(two(7, 'other'));
    await done('deploy', '--all');
    const versions = async (name: string) =>
      JSON.parse(await done('deployment', 'versions', name, '-o', 'json')) as readonly Readonly<
        Record<string, unknown>
      >[];
    const [version] = await versions('stock/nightly');
    assert.deepEqual(
      [version?.['version'], version?.['file'], version?.['checksum']],
      [1, 'ostinato.yaml', hash('sha256', two(7, 'other'), 'hex')],
    );
    assert.match(String(version?.['by']), /@/);

    const { id } = await inspect('stock/nightly');
    const byHand = async (tags: readonly string[]): Promise<void> => {
      const answer = await fetch(`${env['OSTINATO_API_URL']}/deployments/${String(id)}`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ tags }),
      });
      assert.equal(answer.status, 204);
    };
    await byHand(['hand']);
    assert.match(await done('deploy', '--all'), /= tags stays: \["hand"\] by hand; the file says \["other"\]/);

    write(two(8, 'more'));
    rmSync(inProject('published'), { recursive: true });
    const refused = await call('deploy', '--all');
    assert.equal(refused.exitCode, 4);
    assert.match(refused.stdout, /! tags: was \["other"\], is \["hand"\] by hand, the file says \["more"\]/);
    assert.match(refused.stderr, /nothing was applied[^]*--force/);
    assert.deepEqual((await inspect('sales/nightly'))['parameters'], { region: 'us', limit: 7 }, 'nor the others');
    assert.equal(existsSync(inProject('published')), false, 'nothing is published that is refused');
    await done('deploy', '--all', '--force');
    assert.deepEqual((await inspect('stock/nightly'))['tags'], ['more']);
    assert.deepEqual((await inspect('sales/nightly'))['parameters'], { region: 'us', limit: 8 });
    assert.equal((await versions('stock/nightly')).length, 2);
  },
);

const ONE = `
name: shop
build:
  - shell: touch was-run
deployments:
  - name: bad
    flow_name: sales
    entrypoint: flows.ts:sales
    parameters: { limit: 5 }
`;

const MISTAKES: Readonly<Record<string, readonly [from: string, to: string, line: number, said: RegExp]>> = {
  'a parameter that does not fit': ['limit: 5', 'limit: 0', 9, /parameter limit does not fit/],
  'a field that is not known': ['parameters:', 'paramters:', 9, /no field "paramters".*Did you mean "parameters"/],
  'a field of the project that is not known': ['build:', 'biuld:', 3, /no field "biuld".*Did you mean "build"/],
  'no deployments': ['deployments:', 'defaults:', 2, /"deployments" is missing|something else/],
  'a flow that is not there': ['flows.ts:sales', 'flows.ts:slaes', 8, /no flow "slaes".*Did you mean "sales"/],
  'an unknown variable of the environment': [
    'limit: 5',
    'region: "{{ env.NOT_SET }}"',
    9,
    /environment has no NOT_SET/,
  ],
  'an unknown variable': ['limit: 5', 'region: "{{ variables.none }}"', 9, /no variable "none"/],
  'an unknown block': ['limit: 5', 'region: "{{ blocks.secret.none.value }}"', 9, /no block "secret\/none"/],
  'a template that calls': ['limit: 5', 'region: "{{ env.PATH.split(x) }}"', 9, /is no template/],
  'a template with a filter': ['limit: 5', 'region: "{{ cycler.__init__ | safe }}"', 9, /is no template/],
  'a template that is open': ['limit: 5', 'region: "{{ env.PATH"', 9, /not closed/],
  'a template in a line for the shell': ['touch was-run', '"touch was-run {{ env.PATH }}"', 4, /has no templates/],
  'an entrypoint above the project': ['flows.ts:sales', '../flows.ts:sales', 8, /leads out of the project's folder/],
  'an absolute entrypoint': ['flows.ts:sales', '/etc/flows.ts:sales', 8, /leads out of the project's folder/],
  'an entrypoint by a link': ['flows.ts:sales', 'linked/flows.ts:sales', 8, /leads out of the project's folder/],
  'shell words in an entrypoint': ['flows.ts:sales', '"flows.ts;touch was-run:sales"', 8, /no file/],
  'a folder above the project': ['parameters:', 'path: ..\n    parameters:', 9, /leads out of the project's folder/],
  'a step out of the project': ['shell: touch was-run', 'local: { from: ../x, to: y }', 4, /leads out of the project/],
  'an address that is an option': [
    'shell: touch was-run',
    'git: { repository: "--upload-pack=touch was-run", into: x }',
    4,
    /no address of a repository/,
  ],
  'an address that is a program': [
    'shell: touch was-run',
    'git: { repository: "ext::sh -c touch% was-run", into: x }',
    4,
    /no address of a repository/,
  ],
  'a branch that is an option': [
    'shell: touch was-run',
    'git: { repository: "https://example.org/x.git", into: x, branch: "--config=x" }',
    4,
    /no name of a branch/,
  ],
  'two steps in one': ['shell: touch was-run', 'shell: touch was-run\n    install: package.json', 5, /at once/],
  'an unknown installer': ['shell: touch was-run', 'install: Makefile', 4, /Nothing is known to install/],
};

test(
  'what is wrong or hostile is refused with its line; no step is run, nothing is applied',
  { timeout: 300_000 },
  async () => {
    const outside = dirname(place.project);
    mkdirSync(join(outside, 'outside'), { recursive: true });
    for (const file of [join(outside, 'flows.ts'), join(outside, 'outside', 'flows.ts')]) writeFileSync(file, FLOWS);
    symlinkSync(join(outside, 'outside'), inProject('linked'));
    for (const [what, [from, to, line, said]] of Object.entries(MISTAKES)) {
      assert.ok(ONE.includes(from), what);
      write(ONE.replace(from, to));
      rmSync(inProject('was-run'), { force: true });
      const { exitCode, stderr } = await call('deploy');
      assert.equal(exitCode, 2, `${what}: ${stderr}`);
      assert.ok(stderr.includes(`ostinato.yaml:${line}:`), `${what}: ${stderr}`);
      assert.match(stderr, said, what);
      // The flows are looked at when the steps have made what there is to make.
      const isOfFlow = ['a parameter', 'a flow that is not', 'shell words'].some((start) => what.startsWith(start));
      if (!isOfFlow) assert.ok(!existsSync(inProject('was-run')), what);
    }
    assert.equal(await isThere('sales/bad'), false);
  },
);

test('several mistakes of a file are told at once', { timeout: 180_000 }, async () => {
  write(
    ONE.replace('build:', 'biuld:').replace(
      '    parameters: { limit: 5 }',
      '    paramters: { limit: 5 }\n    description: "{{ variables.none }}"\n    schedules: [{ cron: "@daily", timezone: Europe/Berln }]',
    ),
  );
  const { exitCode, stderr } = await call('deploy');
  assert.equal(exitCode, 2);
  for (const [line, said] of [
    [3, 'no field "biuld"'],
    [9, 'no field "paramters"'],
    [10, 'no variable "none"'],
    [11, 'Europe/Berln'],
  ] as const)
    assert.match(stderr, new RegExp(`ostinato\\.yaml:${line}:[^\\n]*${said}`));
});

test('steps: a repository, and one that fails', { timeout: 180_000 }, async () => {
  const source = join(dirname(place.project), 'repository');
  mkdirSync(source);
  writeFileSync(join(source, 'cloned.ts'), FLOWS);
  write(`
name: cloned
build:
  - shell: git init -q -b main "$AT" && git -C "$AT" add . && git -C "$AT" -c user.name=a -c user.email=a@b.c commit -qm x
    env: { AT: "{{ env.SOURCE }}" }
  - git: { repository: "file://{{ env.SOURCE }}", into: code, branch: main }
deployments:
  - { name: cloned, flow_name: sales, entrypoint: "cloned.ts:sales", path: code }
`);
  env['SOURCE'] = source;
  assert.match(await done('deploy'), /Made deployment sales\/cloned/);
  assert.equal((await inspect('sales/cloned'))['path'], inProject('code'));
  write(ONE.replace('touch was-run', 'echo broken >&2; exit 3'));
  const { exitCode, stderr } = await call('deploy');
  assert.notEqual(exitCode, 0);
  assert.match(stderr, /broken\n[^]*The step "shell: echo broken >&2; exit 3" failed: exit code 3/);
  assert.equal(await isThere('sales/bad'), false);
});

test('ostinato init writes such a file, and stays with the one that is there', { timeout: 180_000 }, async () => {
  mkdirSync(inProject('fresh', 'node_modules', 'ostinato'), { recursive: true });
  await done('init', 'fresh', '--no-install', '--ostinato', '^1.0.0', '--deployments');
  const text = readFileSync(inProject('fresh', 'ostinato.yaml'), 'utf8');
  for (const part of ['name: fresh', 'entrypoint: flow.ts:measureCities', 'flow_name: Measure Cities'])
    assert.ok(text.includes(part), text);
  const { exitCode, stderr } = await call('deploy', '--file', 'nowhere.yaml');
  assert.equal(exitCode, 3);
  assert.match(stderr, /no file nowhere\.yaml.*ostinato init --deployments/s);
});
