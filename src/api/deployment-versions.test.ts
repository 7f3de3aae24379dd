import assert from 'node:assert/strict';
import { test } from 'node:test';

import { withApi, type ApiUnderTest } from './fixtures/api-under-test.ts';
import { deploy, fields, HOURLY, NOBODY, read, SCHEMA, type Fields } from './fixtures/deployed.ts';

const apply = (api: ApiUnderTest, deployments: readonly Fields[], more: Fields = {}) =>
  api.post('/ostinato/deployments/apply', {
    deployments: deployments.map((each) => ({ flow_name: 'sales', ...each })),
    ...more,
  });

const listed = (answer: { readonly body: unknown }): readonly Fields[] =>
  fields(answer)['deployments'] as readonly Fields[];

async function versions(api: ApiUnderTest, id: unknown): Promise<readonly Fields[]> {
  return (await api.get(`/ostinato/deployments/${String(id)}/versions`)).body as readonly Fields[];
}

test('an application makes flow and deployment, with numbers to the letter; a second one changes what it says', () =>
  withApi({}, async (api) => {
    const said = { name: 'daily', tags: ['a'], job_variables: { x: 1 }, schedules: [{ schedule: HOURLY, slug: 's' }] };
    const dry = listed(await apply(api, [said], { dry_run: true }));
    assert.deepEqual([dry[0]?.['is_new'], dry[0]?.['id'], dry[0]?.['version']], [true, null, null]);
    assert.equal((await api.get('/deployments/name/sales/daily')).status, 404);
    const [made] = listed(await apply(api, [said], {}));
    assert.deepEqual([made?.['is_new'], made?.['version'], made?.['changes']], [true, 1, []]);
    const [again] = listed(await apply(api, [said]));
    assert.deepEqual([again?.['version'], again?.['changes']], [1, []]);
    const [changed] = listed(await apply(api, [{ name: 'daily', tags: ['b'] }]));
    assert.deepEqual(changed?.['changes'], [{ path: 'tags', how: 'set', base: ['a'], current: ['a'], wanted: ['b'] }]);
    const there = await read(api, made?.['id']);
    assert.deepEqual(
      [there['tags'], there['job_variables'], (there['schedules'] as unknown[]).length],
      [['b'], { x: 1 }, 1],
    );
    assert.deepEqual(
      (await versions(api, made?.['id'])).map(({ version }) => version),
      [2, 1],
    );
  }));

test('fields that are never null stay as they are where null is said, as in any change', () =>
  withApi({}, async (api) => {
    const [made] = listed(await apply(api, [{ name: 'daily', job_variables: { x: 1 }, tags: ['a'] }]));
    const nothing = { parameters: null, enforce_parameter_schema: null, job_variables: null };
    assert.deepEqual(listed(await apply(api, [{ name: 'daily', ...nothing }]))[0]?.['changes'], []);
    const there = await read(api, made?.['id']);
    assert.deepEqual([there['tags'], there['job_variables']], [['a'], { x: 1 }]);
    assert.deepEqual([there['enforce_parameter_schema'], there['parameters']], [true, {}]);
    const [fresh] = listed(await apply(api, [{ name: 'other', ...nothing }]));
    assert.deepEqual((await read(api, fresh?.['id']))['job_variables'], {});
  }));

test('of several deployments, none is applied where one does not fit or is named twice', () =>
  withApi({}, async (api) => {
    const bad = { name: 'two', parameter_openapi_schema: SCHEMA, parameters: { x: 'text' } };
    assert.equal((await apply(api, [{ name: 'one' }, bad])).status, 409);
    assert.equal((await apply(api, [{ name: 'one' }, { name: 'one', tags: ['x'] }])).status, 422);
    assert.equal((await apply(api, [{ name: 'one' }, { name: 'two', work_pool_name: 'nowhere' }])).status, 404);
    assert.equal((await api.get('/deployments/name/sales/one')).status, 404);
  }));

test('two who apply at once: each is a version of its own', () =>
  withApi({}, async (api) => {
    const [made] = listed(await apply(api, [{ name: 'daily', description: 'none' }]));
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) => apply(api, [{ name: 'daily', description: `by ${index}` }])),
    );
    assert.ok(answers.every(({ status }) => status === 200));
    const numbers = (await versions(api, made?.['id'])).map(({ version }) => version);
    assert.deepEqual(numbers, [7, 6, 5, 4, 3, 2, 1]);
  }));

test('what a client of Prefect deploys is no version; a file takes it over, and one goes back', () =>
  withApi({}, async (api) => {
    const { id } = await deploy(api, {
      tags: ['client'],
      version_info: { type: 'vcs:git', version: '1', branch: 'x' },
    });
    assert.deepEqual(await versions(api, id), []);
    await apply(api, [{ name: 'daily', tags: ['a'] }]);
    await apply(api, [{ name: 'daily', tags: ['b'], description: 'new' }]);
    const rollback = `/ostinato/deployments/${String(id)}/rollback`;
    const back = fields(await api.post(rollback, { version: 1, source: { by: 'somebody' } }));
    assert.deepEqual([back['version'], (back['changes'] as unknown[]).length], [3, 2]);
    const there = await read(api, id);
    assert.deepEqual([there['tags'], there['description']], [['a'], null]);
    const [newest] = await versions(api, id);
    assert.deepEqual([newest?.['kind'], newest?.['rolled_back_to'], newest?.['by']], ['rollback', 1, 'somebody']);
    const run = fields(await api.post(`/deployments/${String(id)}/create_flow_run`, {}));
    assert.equal((run['labels'] as Fields)['ostinato.deployment.version'], 3);
    assert.equal((await api.post(rollback, { version: 9 })).status, 404);
    assert.equal((await api.get(`/ostinato/deployments/${NOBODY}/versions`)).status, 404);
  }));

test('the page of versions: which there are, in what two of them differ, and what was changed by hand', () =>
  withApi({}, async (api) => {
    const schedules = [{ schedule: HOURLY, slug: 's' }];
    const [made] = listed(await apply(api, [{ name: 'daily', parameters: { x: 1 }, tags: ['a'], schedules }]));
    await apply(api, [{ name: 'daily', parameters: { x: 2 }, tags: ['a'], schedules }]);
    await api.send('PATCH', `/deployments/${String(made?.['id'])}`, { tags: ['hand'] });
    const page = async (body: Fields) => await api.post(`/ui/pages/deployments/${String(made?.['id'])}/versions`, body);
    const between = fields(await page({ from: 1, to: 2 }));
    const tags = { path: 'tags', from: '["a"]', to: '["hand"]' };
    assert.deepEqual(between['differences'], [{ path: 'parameters', from: '{"x":1}', to: '{"x":2}' }]);
    assert.deepEqual(between['drift'], [tags]);
    assert.deepEqual(
      (between['versions'] as readonly Fields[]).map(({ version, kind }) => [version, kind]),
      [
        [2, 'apply'],
        [1, 'apply'],
      ],
    );
    assert.deepEqual(fields(await page({ from: 1 }))['differences'], [
      tags,
      { path: 'parameters', from: '{"x":1}', to: '{"x":2}' },
    ]);
    assert.deepEqual(fields(await page({}))['differences'], []);
    assert.equal((await page({ from: 9 })).status, 404);
    await apply(api, [
      { name: 'daily', schedules: [{ schedule: { cron: '0 9 * * *' }, slug: 's', parameters: { y: 1 } }] },
    ]);
    assert.deepEqual(fields(await page({ from: 2, to: 3 }))['differences'], [
      tags,
      { path: 'schedules.s.times', from: 'every hour', to: 'every day at 09:00, UTC' },
      { path: 'schedules.s.parameters', from: '{}', to: '{"y":1}' },
    ]);
    const { id } = await deploy(api, { name: 'other' });
    const none = fields(await api.post(`/ui/pages/deployments/${String(id)}/versions`, {}));
    assert.deepEqual([none['versions'], none['differences'], none['drift']], [[], [], []]);
  }));

test('a run that has pinned a version is executed as that says, whatever is applied later', () =>
  withApi({}, async (api) => {
    const one = { entrypoint: 'one.ts:sales', path: '/one', parameters: { x: 1 }, job_variables: { env: { A: 'a' } } };
    const two = { entrypoint: 'two.ts:sales', path: '/two', parameters: { x: 2, y: 2 } };
    const [made] = listed(await apply(api, [{ name: 'daily', tags: ['one'], ...one }]));
    await apply(api, [{ name: 'daily', tags: ['two'], ...two }]);
    const ask = async (body: Fields) => await api.post(`/deployments/${String(made?.['id'])}/create_flow_run`, body);
    const pinned = fields(
      await ask({ pinned_version: 1, parameters: { z: 3 }, labels: { 'ostinato.deployment.pinned': 'x' } }),
    );
    assert.deepEqual(
      [pinned['parameters'], pinned['tags'], pinned['job_variables']],
      [{ x: 1, z: 3 }, ['one'], { env: { A: 'a' } }],
    );
    assert.equal((pinned['labels'] as Fields)['ostinato.deployment.version'], 1);
    const free = fields(await ask({}));
    assert.deepEqual(
      [free['parameters'], (free['labels'] as Fields)['ostinato.deployment.version']],
      [two.parameters, 2],
    );
    await apply(api, [{ name: 'daily', entrypoint: 'three.ts:sales' }]);
    const executed = async (run: Fields): Promise<readonly unknown[]> => {
      const answer = fields(await api.get(`/ostinato/flow_runs/${String(run['id'])}/deployment`));
      const deployment = answer['deployment'] as Fields;
      return [answer['pinned_version'], deployment['entrypoint'], deployment['path'], deployment['job_variables']];
    };
    assert.deepEqual(await executed(pinned), [1, 'one.ts:sales', '/one', { env: { A: 'a' } }]);
    assert.deepEqual(await executed(free), [null, 'three.ts:sales', '/two', { env: { A: 'a' } }]);
    assert.equal((await ask({ pinned_version: 9 })).status, 404);
    assert.equal((await ask({ pinned_version: 0 })).status, 422);
    assert.equal((await api.get(`/ostinato/flow_runs/${NOBODY}/deployment`)).status, 404);
  }));

test("a schedule's policy is merged word by word", () =>
  withApi({}, async (api) => {
    const schedules = (more: Fields) => [{ name: 'daily', schedules: [{ schedule: HOURLY, slug: 's', ...more }] }];
    await apply(api, schedules({ catch_up: 'all' }));
    assert.deepEqual(listed(await apply(api, schedules({ catch_up: 'all' })))[0]?.['changes'], []);
    const [changed] = listed(await apply(api, schedules({ catch_up: 'all', overlap: 'skip' })));
    assert.deepEqual(
      (fields({ body: changed })['changes'] as readonly Fields[]).map(({ path, how, wanted }) => [path, how, wanted]),
      [['schedules.s.policy', 'set', { catchUp: 'all', overlap: 'skip' }]],
    );
    assert.deepEqual(listed(await apply(api, schedules({})))[0]?.['changes'], []);
  }));

test("a schedule's rules are merged one by one, and a rollback takes away what there was not", () =>
  withApi({}, async (api) => {
    const schedules = (more: Fields) => [{ name: 'daily', schedules: [{ schedule: HOURLY, slug: 's', ...more }] }];
    const stored = async (id: unknown) => ((await read(api, id))['schedules'] as readonly Fields[])[0] ?? {};
    const changesOf = (body: Fields | undefined) =>
      ((body?.['changes'] ?? []) as readonly Fields[]).map(({ path, how, wanted }) => [path, how, wanted]);
    const [made] = listed(await apply(api, schedules({})));
    const id = made?.['id'];
    const days = [{ from: '2030-12-24' }];
    const [changed] = listed(await apply(api, schedules({ jitter: 60, end: '2040-12-31', exclusions: days })));
    const whole = [{ from: '2030-12-24', to: '2030-12-24', name: null, calendar: null }];
    assert.deepEqual(changesOf(changed), [
      ['schedules.s.jitter', 'set', 60],
      ['schedules.s.end', 'set', '2040-12-31'],
      ['schedules.s.exclusions', 'set', whole],
    ]);
    const one = `/deployments/${String(id)}/schedules/${String((await stored(id))['id'])}`;
    assert.equal((await api.send('PATCH', one, { jitter: 90 })).status, 204);
    const [kept] = listed(await apply(api, schedules({ jitter: 60, end: null, exclusions: days })));
    assert.deepEqual(changesOf(kept), [
      ['schedules.s.jitter', 'kept', 60],
      ['schedules.s.end', 'set', null],
    ]);
    const { jitter, end, exclusions } = await stored(id);
    assert.deepEqual([jitter, end, exclusions], [90, undefined, whole]);
    const rollback = `/ostinato/deployments/${String(id)}/rollback`;
    assert.equal((await api.post(rollback, { version: 1 })).status, 200);
    const back = await stored(id);
    assert.deepEqual([back['jitter'], back['exclusions'], back['catch_up']], [undefined, undefined, 'latest']);
  }));

test('a new schedule has the policy that its file gives it', () =>
  withApi({}, async (api) => {
    const given = [{ name: 'daily', schedules: [{ schedule: HOURLY, catch_up: 'none', overlap: 'queue' }] }];
    const [made] = listed(await apply(api, given));
    const [only] = (await read(api, made?.['id']))['schedules'] as readonly Fields[];
    assert.deepEqual([only?.['catch_up'], only?.['overlap'], only?.['max_lateness']], ['none', 'queue', null]);
  }));
