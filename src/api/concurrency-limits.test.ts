import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { ExpiredLeases } from '../services/expired-leases.ts';
import { openApi, withApi, type ApiUnderTest } from './fixtures/api-under-test.ts';

const V2 = '/v2/concurrency_limits';
const TASK_RUN = '11111111-1111-4111-8111-111111111111';
const OTHER_TASK_RUN = '22222222-2222-4222-8222-222222222222';

let api: ApiUnderTest;
beforeEach(() => {
  api = openApi();
});
afterEach(async () => {
  assert.deepEqual(api.failures, []);
  await api.close();
});

type Fields = Record<string, unknown>;
async function read(name: string): Promise<Fields> {
  const { status, body } = await api.get(`${V2}/${name}`);
  assert.equal(status, 200);
  return body as Fields;
}

test('a limit is made, read by id and by name, listed, changed and deleted', async () => {
  const made = await api.post(`${V2}/`, { name: 'database', limit: 3, slot_decay_per_second: 0.5 });
  assert.equal(made.status, 201);
  const limit = made.body as Fields;
  assert.deepEqual(
    [limit['active'], limit['active_slots'], limit['denied_slots'], limit['avg_slot_occupancy_seconds']],
    [true, 0, 0, 2],
  );
  assert.deepEqual((await api.get(`${V2}/${String(limit['id'])}`)).body, await read('database'));
  assert.deepEqual(Object.keys(await read('database')).sort(), [
    'active',
    'active_slots',
    'created',
    'id',
    'limit',
    'name',
    'slot_decay_per_second',
    'updated',
  ]);
  assert.equal((await api.post(`${V2}/`, { name: 'database', limit: 1 })).status, 409);
  await api.post(`${V2}/`, { name: 'api', limit: 1 });
  assert.deepEqual(
    ((await api.post(`${V2}/filter`, {})).body as Fields[]).map(({ name }) => name),
    ['api', 'database'],
  );
  assert.deepEqual(
    ((await api.post(`${V2}/filter`, { limit: 1, offset: 1 })).body as Fields[]).map(({ name }) => name),
    ['database'],
  );
  assert.equal((await api.send('PATCH', `${V2}/database`, { limit: 7, active: false, name: 'db' })).status, 204);
  assert.deepEqual([(await read('db'))['limit'], (await read('db'))['active']], [7, false]);
  assert.equal((await api.send('PATCH', `${V2}/db`, { name: 'api' })).status, 409);
  assert.equal((await api.send('DELETE', `${V2}/db`)).status, 204);
  for (const answer of [
    await api.get(`${V2}/db`),
    await api.send('DELETE', `${V2}/db`),
    await api.send('PATCH', `${V2}/db`, {}),
  ]) {
    assert.deepEqual([answer.status, (answer.body as Fields)['detail']], [404, 'Concurrency Limit not found']);
  }
  const events = await api.storage.readEvents({ afterSeq: 0, limit: 100 });
  assert.deepEqual(
    events.map(({ name }) => name.replace('prefect.concurrency-limit.', '')),
    ['created', 'created', 'updated', 'deleted'],
  );
});

test('wrong bodies are refused', async () => {
  for (const body of [
    { name: 'a' },
    { limit: 1 },
    { name: 'a/b', limit: 1 },
    { name: 'a', limit: -1 },
    { name: 'a', limit: 1, more: 1 },
    [],
    'nonsense',
  ]) {
    assert.equal((await api.post(`${V2}/`, body)).status, 422, JSON.stringify(body));
  }
  for (const body of [
    { names: ['a'] },
    { names: [], slots: 1 },
    { names: ['a'], slots: 0 },
    { names: ['a'], slots: 1, mode: 'other' },
  ]) {
    assert.equal((await api.post(`${V2}/increment`, body)).status, 422, JSON.stringify(body));
  }
  for (const lease_duration of [59, 86_401]) {
    assert.equal(
      (await api.post(`${V2}/increment-with-lease`, { names: ['a'], slots: 1, lease_duration })).status,
      422,
    );
  }
  assert.equal((await api.post(`${V2}/leases/nonsense/renew`, {})).status, 422);
});

test('names that have no limit hold nobody up', async () => {
  assert.deepEqual((await api.post(`${V2}/increment`, { names: ['none'], slots: 1 })).body, []);
  const { status, body } = await api.post(`${V2}/increment-with-lease`, {
    names: ['tag:none'],
    slots: 1,
    holder: { type: 'task_run', id: TASK_RUN },
  });
  assert.deepEqual([status, (body as Fields)['limits']], [200, []]);
  const lease = String((body as Fields)['lease_id']);
  assert.equal((await api.post(`${V2}/leases/${lease}/renew`, { lease_duration: 60 })).status, 204);
  assert.equal((await api.post(`${V2}/decrement-with-lease`, { lease_id: lease })).status, 204);
  assert.equal((await api.post(`${V2}/leases/${lease}/renew`, {})).status, 410);
});

test('all limits or none; who is refused is told when to come back', async () => {
  await api.post(`${V2}/`, { name: 'wide', limit: 5 });
  await api.post(`${V2}/`, { name: 'narrow', limit: 2 });
  await api.post(`${V2}/`, { name: 'off', limit: 1, active: false });
  const both = { names: ['wide', 'narrow', 'off'], slots: 2 };
  const first = await api.post(`${V2}/increment`, both);
  assert.deepEqual(
    (first.body as Fields[]).map(({ name }) => name),
    ['narrow', 'off', 'wide'],
  );
  const second = await api.post(`${V2}/increment`, { names: ['wide', 'narrow'], slots: 1 });
  assert.deepEqual([second.status, second.body], [423, { detail: 'Locked' }]);
  // Two seconds on average, with one slot of two waited for; jitter of 30 %.
  const seconds = Number(second.headers['retry-after']);
  assert.ok(seconds > 0.5 && seconds < 1.5, String(seconds));
  assert.deepEqual(
    [(await read('wide'))['active_slots'], (await read('narrow'))['active_slots'], (await read('off'))['active_slots']],
    [2, 2, 0],
  );
  const tooMany = await api.post(`${V2}/increment`, { names: ['wide', 'narrow'], slots: 3 });
  assert.deepEqual(
    [tooMany.status, (tooMany.body as Fields)['detail']],
    [422, 'Slots requested is greater than the limit'],
  );
  assert.deepEqual(
    (
      (await api.post(`${V2}/decrement`, { names: ['wide', 'narrow'], slots: 1, occupancy_seconds: 4 }))
        .body as Fields[]
    ).length,
    2,
  );
  assert.equal((await api.post(`${V2}/increment`, { names: ['wide', 'narrow'], slots: 1 })).status, 200);
});

test('rates: slots come back with time, and only to limits that decay', async () => {
  await api.post(`${V2}/`, { name: 'still', limit: 2 });
  assert.equal((await api.post(`${V2}/increment`, { names: ['still'], slots: 1, mode: 'rate_limit' })).status, 422);
  await api.post(`${V2}/`, { name: 'rate', limit: 2, slot_decay_per_second: 0.5 });
  const take = () => api.post(`${V2}/increment`, { names: ['rate'], slots: 1, mode: 'rate_limit' });
  assert.deepEqual([(await take()).status, (await take()).status], [200, 200]);
  const refused = await take();
  assert.equal(refused.status, 423);
  assert.ok(Number(refused.headers['retry-after']) > 1);
  api.advance(1);
  assert.equal((await take()).status, 423, 'who asks too early does not set the clock back');
  api.advance(1.01);
  assert.equal((await read('rate'))['active_slots'], 1);
  assert.equal((await take()).status, 200);
  api.advance(1000);
  assert.equal((await read('rate'))['active_slots'], 0);
});

test('a lease holds slots until it is given back, or until nobody renews it', async () => {
  await api.post(`${V2}/`, { name: 'gpu', limit: 1 });
  const reaper = new ExpiredLeases(api.useCases, api.now());
  const take = () => api.post(`${V2}/increment-with-lease`, { names: ['gpu'], slots: 1, lease_duration: 60 });
  const first = (await take()).body as Fields;
  assert.deepEqual(
    (first['limits'] as Fields[]).map(({ name, limit }) => [name, limit]),
    [['gpu', 1]],
  );
  assert.equal((await take()).status, 423);
  api.advance(59);
  assert.equal((await api.post(`${V2}/leases/${String(first['lease_id'])}/renew`, { lease_duration: 60 })).status, 204);
  api.advance(59);
  assert.equal(await reaper.tick(api.now()), 0);
  api.advance(2);
  assert.equal(await reaper.tick(api.now()), 1);
  assert.equal((await read('gpu'))['active_slots'], 0);
  assert.equal((await api.post(`${V2}/leases/${String(first['lease_id'])}/renew`, { lease_duration: 60 })).status, 410);
  const second = (await take()).body as Fields;
  // Who was given up must not free what another holds now.
  assert.equal((await api.post(`${V2}/decrement-with-lease`, { lease_id: first['lease_id'] })).status, 204);
  assert.equal((await read('gpu'))['active_slots'], 1);
  for (const _ of [1, 2])
    assert.equal((await api.post(`${V2}/decrement-with-lease`, { lease_id: second['lease_id'] })).status, 204);
  assert.equal((await read('gpu'))['active_slots'], 0);
});

test('after a start of the server nothing is taken from holders who could not renew', async () => {
  await api.post(`${V2}/`, { name: 'gpu', limit: 1 });
  await api.post(`${V2}/increment-with-lease`, { names: ['gpu'], slots: 1, lease_duration: 60 });
  api.advance(300);
  const reaper = new ExpiredLeases(api.useCases, api.now());
  api.advance(30);
  assert.equal(await reaper.tick(api.now()), 0);
  api.advance(31);
  assert.equal(await reaper.tick(api.now()), 1);
});

test('limits on tags are limits named after the tag', async () => {
  const made = await api.post('/concurrency_limits/', { tag: 'small', concurrency_limit: 1 });
  assert.equal(made.status, 201);
  const again = await api.post('/concurrency_limits/', { tag: 'small', concurrency_limit: 2 });
  assert.deepEqual([again.status, (again.body as Fields)['concurrency_limit']], [200, 2]);
  assert.equal((await read('tag:small'))['limit'], 2);
  const id = String((made.body as Fields)['id']);
  const lease = await api.post(`${V2}/increment-with-lease`, {
    names: ['tag:small'],
    slots: 1,
    holder: { type: 'task_run', id: TASK_RUN },
  });
  assert.equal(lease.status, 200);
  const byTag = await api.get('/concurrency_limits/tag/small');
  assert.deepEqual((byTag.body as Fields)['active_slots'], [TASK_RUN]);
  assert.deepEqual((await api.get(`/concurrency_limits/${id}`)).body, byTag.body);
  assert.deepEqual((await api.post('/concurrency_limits/filter', { limit: 10 })).body, [byTag.body]);
  assert.deepEqual((await api.post('/concurrency_limits/tag/small/reset', {})).body, null);
  assert.deepEqual(((await api.get('/concurrency_limits/tag/small')).body as Fields)['active_slots'], []);
  assert.equal((await read('tag:small'))['active_slots'], 0);
  await api.post('/concurrency_limits/tag/small/reset', { slot_override: [OTHER_TASK_RUN] });
  assert.deepEqual(((await api.get('/concurrency_limits/tag/small')).body as Fields)['active_slots'], [OTHER_TASK_RUN]);
  assert.equal((await api.send('DELETE', '/concurrency_limits/tag/small')).status, 200);
  for (const path of ['/concurrency_limits/tag/small', `/concurrency_limits/${id}`]) {
    assert.deepEqual(
      [(await api.get(path)).status, ((await api.get(path)).body as Fields)['detail']],
      [404, 'Concurrency limit not found'],
    );
  }
  await api.post(`${V2}/`, { name: 'plain', limit: 1 });
  assert.deepEqual((await api.post('/concurrency_limits/filter')).body, []);
});

test('older clients take and give back slots of tags for a task run', async () => {
  await api.post('/concurrency_limits/', { tag: 'a', concurrency_limit: 1 });
  await api.post('/concurrency_limits/', { tag: 'b', concurrency_limit: 5 });
  const take = (task_run_id: string, names = ['a', 'b', 'c']) =>
    api.post('/concurrency_limits/increment', { names, task_run_id });
  assert.deepEqual(
    ((await take(TASK_RUN)).body as Fields[]).map(({ name }) => name),
    ['a', 'b'],
  );
  assert.equal(
    (await take(TASK_RUN)).status,
    200,
    'the same task run holds them already, and there are no others: it does not wait for itself',
  );
  assert.equal((await read('tag:b'))['active_slots'], 1);
  const refused = await take(OTHER_TASK_RUN);
  assert.deepEqual([refused.status, refused.headers['retry-after']], [423, '10']);
  assert.match(String((refused.body as Fields)['detail']), /limit for the a tag/);
  assert.equal((await read('tag:b'))['active_slots'], 1);
  await api.post('/concurrency_limits/decrement', { names: ['a', 'b'], task_run_id: TASK_RUN });
  assert.deepEqual([(await read('tag:a'))['active_slots'], (await read('tag:b'))['active_slots']], [0, 0]);
  assert.equal((await take(OTHER_TASK_RUN)).status, 200);
  await api.send('PATCH', `${V2}/tag:a`, { limit: 0 });
  const closed = await take(TASK_RUN);
  assert.deepEqual([closed.status, closed.headers['retry-after']], [423, undefined]);
});

test('many at once never hold more than the limit, also through two servers on one file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-slots-'));
  const servers = [openApi({ path: join(folder, 'one.db') }), openApi({ path: join(folder, 'one.db') })] as const;
  try {
    await servers[0].post(`${V2}/`, { name: 'narrow', limit: 3 });
    let [held, most, taken] = [0, 0, 0];
    const caller = async (number: number): Promise<void> => {
      const server = servers[number % 2 === 0 ? 0 : 1];
      for (let done = 0; done < 5;) {
        const answer = await server.post(`${V2}/increment-with-lease`, { names: ['narrow'], slots: 1 });
        if (answer.status === 423) {
          await new Promise((resolve) => setImmediate(resolve));
          continue;
        }
        assert.equal(answer.status, 200);
        most = Math.max(most, (held += 1));
        taken += 1;
        done += 1;
        await new Promise((resolve) => setImmediate(resolve));
        held -= 1;
        await server.post(`${V2}/decrement-with-lease`, { lease_id: (answer.body as Fields)['lease_id'] });
      }
    };
    await Promise.all(Array.from({ length: 16 }, (_, number) => caller(number)));
    assert.deepEqual([most, taken], [3, 80]);
    assert.equal(((await servers[1].get(`${V2}/narrow`)).body as Fields)['active_slots'], 0);
  } finally {
    for (const server of servers) await server.close();
    rmSync(folder, { recursive: true });
  }
});

test('a tag has a limit from 0 on', () =>
  withApi({}, async (api) => {
    for (const [tag, slots] of [
      ['db', -1],
      ['db', 2 ** 60],
      ['', 1],
      ['x'.repeat(501), 1],
    ] as const) {
      const { status } = await api.post('/concurrency_limits/', { tag, concurrency_limit: slots });
      assert.equal(status, 422, `${tag.slice(0, 5)} ${slots}`);
    }
    assert.deepEqual((await api.post('/concurrency_limits/filter', {})).body, []);
  }));
