/** Flows, artifacts, blocks, events and pages from the command line: of the embedded database, and of a server. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { startOstinato, until } from './background.ts';
import { makePlace } from './launch.ts';

// Before the folder is removed.
after(async () => void (await ostinato(['server', 'stop'])));
const place = makePlace();
const { ostinato, project } = place;

const SHOP = `
import { artifacts, flow, task } from 'ostinato';
const load = task(async (day: string) => day, { name: 'load' });
export const shop = flow(async ({ day }: { day: string }) => {
  await artifacts.markdown('# ' + day, { key: 'report' });
  await artifacts.markdown('kept', { key: 'other' });
  return await load(day);
}, { name: 'Shop of things', runName: 'shop-{day}' });
export const bad = flow(async () => { throw new Error('no'); }, { name: 'bad', runName: 'bad-run' });
`;

const server = { url: '' };

before(async () => {
  writeFileSync(join(project, 'shop.ts'), SHOP);
  await ostinato(['run', 'shop.ts:shop', '-p', 'day=monday']);
  await ostinato(['run', 'shop.ts:shop', '-p', 'day=tuesday']);
  await ostinato(['run', 'shop.ts:bad']);
});

test('open: without a server it says how one is started, and starts none', async () => {
  const none = await ostinato(['open', 'shop-monday']);
  assert.equal(none.exitCode, 3);
  assert.match(none.stderr, /ostinato server start --background, then: ostinato open shop-monday/);
  assert.equal((await ostinato(['server', 'status'])).exitCode, 1);
  const missing = await ostinato(['open', 'shop-mondya', '-o', 'json']);
  assert.match(
    (JSON.parse(missing.stderr) as { error: { message: string } }).error.message,
    /Did you mean "shop-monday"\?/,
  );
});

test('a server is started, and a block is made in it', async () => {
  assert.equal((await ostinato(['server', 'start', '--port', '0', '--background'])).exitCode, 0);
  server.url = (
    JSON.parse((await ostinato(['server', 'status', '--wait', '-o', 'json'])).stdout) as { url: string }
  ).url;
  const ask = async (path: string, body: unknown): Promise<Record<string, unknown>> => {
    const response = await fetch(`${server.url}/api${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.ok(response.ok, await response.clone().text());
    return (await response.json()) as Record<string, unknown>;
  };
  const type = await ask('/block_types/', { name: 'Warehouse', slug: 'warehouse' });
  const fields = {
    title: 'Warehouse',
    type: 'object',
    properties: { host: { type: 'string' }, password: { type: 'string', format: 'password' } },
    secret_fields: ['password'],
    block_schema_references: {},
  };
  const schema = await ask('/block_schemas/', { block_type_id: type['id'], fields });
  for (const name of ['main', 'spare'])
    await ask('/block_documents/', {
      name,
      data: { host: 'db.example', password: `hunter-${name}` },
      block_schema_id: schema['id'],
      block_type_id: type['id'],
    });
  const events = Array.from({ length: 130 }, (_, index) => ({
    id: crypto.randomUUID(),
    event: 'shop.opened',
    occurred: new Date().toISOString(),
    resource: { 'prefect.resource.id': `shop.${index}` },
    payload: {},
  }));
  assert.equal(
    (
      await fetch(`${server.url}/api/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(events),
      })
    ).status,
    204,
  );
  assert.match(
    (await ostinato(['open', 'shop-monday'])).stdout,
    new RegExp(`^${server.url}/runs/flow-run/[0-9a-f-]{36}\n$`),
  );
  assert.match((await ostinato(['open', 'load-0', '--print'])).stdout, /\/runs\/task-run\//);
});

for (const by of ['the embedded database', 'a server'] as const) {
  describe(`by ${by}`, () => {
    const env = (): Record<string, string> => (by === 'a server' ? { OSTINATO_API_URL: `${server.url}/api` } : {});
    const call = (...words: string[]) => ostinato(words, { env: env() });
    const json = async <T>(...words: string[]): Promise<T> => {
      const ended = await call(...words, '-o', 'json');
      assert.equal(ended.exitCode, 0, ended.stderr);
      return JSON.parse(ended.stdout) as T;
    };

    test('flow inspect: counts and the newest runs, by name and id', async () => {
      const flow = await json<{
        id: string;
        run_counts: { total: number; completed: number };
        newest_runs: { name: string }[];
      }>('flow', 'inspect', 'Shop of things');
      assert.deepEqual(flow.newest_runs.map(({ name }) => name).slice(-2), ['shop-tuesday', 'shop-monday']);
      const { length } = flow.newest_runs;
      assert.deepEqual([flow.run_counts.total, flow.run_counts.completed], [length, length]);
      assert.match(
        (await call('flow', 'inspect', flow.id)).stdout,
        /runs +\d: \d completed[\s\S]*shop-tuesday +Completed/,
      );
      const slip = await call('flow', 'inspect', 'bda');
      assert.deepEqual([slip.exitCode, /Did you mean "bad"\?/.test(slip.stderr)], [3, true]);
    });

    test('blocks: secrets are masked, and never asked for', async () => {
      assert.match((await call('block', 'ls', '--type', 'warehouse')).stdout, /warehouse\/main +Warehouse/);
      for (const ended of [
        await call('block', 'inspect', 'warehouse/main'),
        await call('block', 'inspect', 'main', '-o', 'json'),
        await call('block', 'ls', '-o', 'json'),
      ]) {
        assert.match(ended.stdout, /db\.example/);
        assert.doesNotMatch(ended.stdout + ended.stderr, /hunter/);
      }
      assert.match((await call('block', 'inspect', 'warehouse/mian')).stderr, /Did you mean "warehouse\/main"\?/);
      assert.equal((await call('block', 'delete', 'warehouse/main')).exitCode, 2, 'it asks, and nobody can answer');
      const name = by === 'a server' ? 'main' : 'spare';
      assert.equal(
        (await json<{ deleted: { name: string }[] }>('block', 'delete', '-y', `warehouse/${name}`)).deleted[0]?.name,
        `warehouse/${name}`,
      );
      assert.equal((await call('block', 'inspect', `warehouse/${name}`)).exitCode, 3);
    });

    test('artifact delete: one version by its id, all by the key', async () => {
      const run = by === 'a server' ? 'sunday' : 'saturday';
      for (const time of ['morning', 'evening']) await call('run', 'shop.ts:shop', '-p', `day=${run}-${time}`);
      const [newest] = await json<{ id: string }[]>('artifact', 'ls', '--key', 'report');
      assert.equal((await call('artifact', 'delete', '-y', newest?.id ?? '')).exitCode, 0);
      assert.equal((await call('artifact', 'delete', 'report')).exitCode, 2);
      await call('artifact', 'delete', '-y', 'report');
      assert.deepEqual(await json('artifact', 'ls', '--key', 'report'), []);
      assert.notDeepEqual(await json('artifact', 'ls', '--key', 'other'), []);
      assert.match((await call('artifact', 'delete', '-y', 'othre')).stderr, /Did you mean "other"\?/);
    });

    test('event ls: by the beginning of the name, by resource, by time, in pages', async () => {
      const all = await json<{ event: string; resource: Record<string, string> }[]>(
        'event',
        'ls',
        '--name',
        'prefect.flow-run.',
        '--limit',
        '1000',
      );
      assert.ok(all.length >= 9 && all.every(({ event }) => event.startsWith('prefect.flow-run.')));
      const id = all[0]?.resource['prefect.resource.id'] ?? '';
      const about = await json<{ resource: Record<string, string> }[]>(
        'event',
        'ls',
        '--resource',
        id.slice('prefect.flow-run.'.length),
        '--name',
        'prefect.flow-run.',
      );
      assert.ok(about.length > 0 && about.every(({ resource }) => resource['prefect.resource.id'] === id));
      assert.deepEqual(await json('event', 'ls', '--since', '2200-01-01'), []);
      assert.equal(
        (await json<unknown[]>('event', 'ls', '--limit', '120', '--since', '1d', '--name', 'shop.')).length,
        120,
        'more than a page',
      );
      assert.equal((await call('event', 'ls', '--since', 'yesterday')).exitCode, 2);
      assert.match((await call('event', 'ls', '--limit', '1')).stdout, /^TIME +EVENT +RESOURCE\n/);
    });

    test('event stream: what happens from now on, each once; with --since what was, first', async () => {
      const name = `live-${by === 'a server' ? 'server' : 'store'}`;
      const stream = startOstinato(
        place,
        ['event', 'stream', '--name', 'prefect.variable.', '-o', 'json', '--limit', '2'],
        env(),
      );
      // Nothing says that it listens: something happens until it is heard.
      let count = 0;
      await until('an event is heard', async () => {
        await call('variable', 'set', `${name}-${(count += 1)}`.replaceAll('-', '_'), '1');
        return stream.text().stdout.includes('\n');
      });
      await call('variable', 'set', `${name}_last`.replaceAll('-', '_'), '1');
      const ended = await stream.ended;
      assert.equal(ended.exitCode, 0, ended.stderr);
      const heard = ended.stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { id: string }).id);
      assert.equal(new Set(heard).size, 2);
      const past = await call(
        'event',
        'ls',
        '-f',
        '--since',
        '1h',
        '--name',
        'prefect.flow-run.Failed',
        '--limit',
        '1',
      );
      assert.match(past.stdout, /prefect\.flow-run\.Failed {2}bad-run \(prefect\.flow-run\./);
    });
  });
}
