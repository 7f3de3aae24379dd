/** What is typed arrives as it was typed, or is refused: in a flow, in a variable, in the database and over HTTP. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { startOstinato, until } from './background.ts';
import { makePlace } from './launch.ts';

const place = makePlace();
const { ostinato, project } = place;

writeFileSync(
  join(project, 'orders.ts'),
  `
import { flow, variables } from 'ostinato';
import { z } from ${JSON.stringify(import.meta.resolve('zod'))};
export const order = flow(async ({ order, items, version }) => [typeof order, String(order), items.map(String).join(), version], { name: 'Order', parameters: z.object({
  order: z.union([z.bigint(), z.number()]), items: z.array(z.union([z.bigint(), z.number()])).default([]), version: z.string().default('') }) });
export const yearly = flow(async ({ year }) => year, { name: 'Yearly', parameters: z.object({ year: z.number().default(2020) }) });
export const plain = flow(async ({ id }: { id: unknown }) => id, { name: 'Plain' });
export const read = flow(async () => { const value = await variables.get('last_id'); return typeof value + ' ' + value; }, { name: 'Read' });
export const count = flow(async () => { const before = await variables.get<bigint>('last_id'); await variables.set('last_id', before + 1n, { overwrite: true }); return String(await variables.get('last_id')); }, { name: 'Count' });
`,
);

const run = (...words: string[]) => ostinato(['run', ...words]);

test('a number for a flow keeps its digits, on its own and in a list; text stays text', async () => {
  const ended = await run(
    'orders.ts:order',
    '-p',
    'order=1234567890123456789',
    '-p',
    'items=[9007199254740993, 5]',
    '-p',
    'version=1.10',
  );
  assert.equal(ended.stdout, "[ 'bigint', '1234567890123456789', '9007199254740993,5', '1.10' ]\n", ended.stderr);
  const small = await run('orders.ts:order', '-p', 'order=5');
  assert.match(small.stdout, /'number', '5'/);
});

test('one that no number holds is refused where nothing else fits, before anything runs', async () => {
  const ended = await run('orders.ts:plain', '-p', 'id=1234567890123456789');
  assert.equal(ended.exitCode, 2);
  assert.match(
    ended.stderr,
    /"id" is 1234567890123456789, which a JavaScript number cannot hold[\s\S]*-p 'id="1234567890123456789"'/,
  );
  assert.equal((await run('orders.ts:plain', '-p', 'id="1234567890123456789"')).stdout, '1234567890123456789\n');
  assert.equal((await run('orders.ts:yearly', '-p', 'year=1e400')).exitCode, 2);
});

test('a mistyped name runs nothing', async () => {
  const ended = await run('orders.ts:yearly', '-p', 'yera=2024');
  assert.equal(ended.exitCode, 2);
  assert.equal(ended.stdout, '');
  assert.match(ended.stderr, /no parameter "yera"\. Did you mean "year"\?/);
  assert.equal((await run('orders.ts:yearly', '--params', '{"yera": 2024}')).exitCode, 2);
});

const servers = [
  ['the embedded database', false],
  ['a server', true],
] as const;
for (const [what, isServed] of servers) {
  describe(`variables in ${what}`, () => {
    const env: Record<string, string> = {};
    let stop = async (): Promise<void> => {};
    after(() => stop());
    before(async () => {
      if (!isServed) return;
      const server = startOstinato(place, ['server', 'start', '--port', '0', '--database', 'sqlite::memory:']);
      stop = async () => {
        server.child.kill('SIGTERM');
        await server.ended;
      };
      const url = await until('the server is there', () => /serves at (http:\S+)/.exec(server.text().stderr)?.[1]);
      env['OSTINATO_API_URL'] = `${url}/api`;
    });
    const variable = (...words: string[]) => ostinato(['variable', ...words], { env });

    test('keep whole numbers whole, and the digits that were written', async () => {
      for (const text of [
        '9007199254740993',
        '-12345678901234567890',
        '1.10',
        '{"id":1234567890123456789,"rate":1.0}',
        '[1e2,"9007199254740993"]',
      ]) {
        const set = await variable('set', 'last_id', text, '--overwrite');
        assert.equal(set.exitCode, 0, set.stderr);
        assert.equal((await variable('get', 'last_id')).stdout, `${text}\n`);
        assert.equal((await variable('get', 'last_id', '-o', 'json')).stdout.replaceAll(/\s/g, ''), text);
        assert.ok((await variable('inspect', 'last_id')).stdout.includes(text));
        assert.ok((await variable('ls')).stdout.includes(text));
      }
    });

    test('are read as they are by flows, which can set such numbers, too', async () => {
      await variable('set', 'last_id', '9007199254740993', '--overwrite');
      assert.equal((await ostinato(['run', 'orders.ts:read'], { env })).stdout, 'bigint 9007199254740993\n');
      const counted = await ostinato(['run', 'orders.ts:count'], { env });
      assert.equal(counted.stdout, '9007199254740994\n', counted.stderr);
      assert.equal((await variable('get', 'last_id')).stdout, '9007199254740994\n');
    });

    test('refuse what every reader would round', async () => {
      for (const text of ['0.12345678901234567890', '[1e400]', '{"a":3.14159265358979323846}']) {
        const refused = await variable('set', 'last_id', text, '--overwrite');
        assert.equal(refused.exitCode, 2, text);
      }
      await variable('set', 'last_id', '0.12345678901234567890', '--overwrite', '--text');
      assert.equal((await variable('get', 'last_id')).stdout, '0.12345678901234567890\n');
    });
  });
}

test('numbers in artifacts, blocks and events are shown with the digits that they have, by a server and from the database', async () => {
  const server = startOstinato(place, ['server', 'start', '--port', '0']);
  const api = `${await until('the server is there', () => /serves at (http:\S+)/.exec(server.text().stderr)?.[1])}/api`;
  const ask = async (path: string, body: string): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${api}${path}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    assert.ok(answer.ok, `${path}: ${answer.status}`);
    return (await answer.text().then((text) => (text === '' ? {} : JSON.parse(text)))) as Record<string, unknown>;
  };
  const odd = '{"id":1234567890123456789,"rate":1.10}';
  const rows = JSON.stringify(`[${odd}]`);
  for (const [key, type, data] of [
    ['rows', 'table', `[${odd}]`],
    ['text', 'table', rows],
    ['other', 'other', odd],
  ])
    await ask('/artifacts/', `{"key":"${key}","type":"${type}","data":${data}}`);
  const { id: typeId } = await ask('/block_types/', '{"name":"Odd","slug":"odd"}');
  const { id: schemaId } = await ask(
    '/block_schemas/',
    `{"block_type_id":"${String(typeId)}","fields":{"title":"Odd","type":"object","properties":{}}}`,
  );
  await ask(
    '/block_documents/',
    `{"name":"one","data":${odd},"block_schema_id":"${String(schemaId)}","block_type_id":"${String(typeId)}"}`,
  );
  await ask(
    '/events',
    `[{"event":"odd.seen","occurred":"${new Date().toISOString()}","id":"${crypto.randomUUID()}","resource":{"prefect.resource.id":"odd"},"payload":${odd}}]`,
  );

  const shown = async (env: Record<string, string>): Promise<void> => {
    const say = async (...words: string[]): Promise<string> => {
      const ended = await ostinato(words, { env });
      assert.equal(ended.exitCode, 0, ended.stderr);
      return ended.stdout;
    };
    for (const key of ['rows', 'text'])
      assert.match(await say('artifact', 'inspect', key), /^ *id +rate\n *1234567890123456789 +1\.10$/m);
    await say('artifact', 'inspect', 'text', '--save', 'rows.json');
    assert.equal(readFileSync(join(project, 'rows.json'), 'utf8').replaceAll(/\s/g, ''), `[${odd}]`);
    for (const words of [
      ['artifact', 'inspect', 'other'],
      ['artifact', 'inspect', 'other', '-o', 'json'],
      ['block', 'inspect', 'odd/one'],
      ['block', 'ls', '-o', 'json'],
      ['event', 'ls', '--limit', '50', '-o', 'json'],
    ]) {
      const text = (await say(...words)).replaceAll(/\s/g, '');
      assert.ok(text.includes('1234567890123456789') && text.includes('1.10'), `${words.join(' ')}: ${text}`);
    }
  };
  await shown({ OSTINATO_API_URL: api });
  server.child.kill('SIGTERM');
  await server.ended;
  await shown({});
});

test('a flow without a schema has the names that its function takes out of its parameters', async () => {
  const ended = await run('orders.ts:plain', '-p', 'di=1');
  assert.equal(ended.exitCode, 2);
  assert.match(ended.stderr, /no parameter "di"\. Did you mean "id"\?/);
});
