/** Deployments brought to a server by our client: merged where it keeps versions, field by field where it does not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { WantedDeployment } from '../client/control/apply-deployment.ts';
import { bringDeployments, refuseConflicts } from '../client/control/bring-deployments.ts';
import { deploymentsOf, type DeploymentClient } from '../client/control/deployments.ts';
import { ControlPlane, pathOf, type ControlWire } from '../client/control/plane.ts';
import { OstinatoError } from '../core/errors.ts';
import { withApi, type ApiUnderTest } from './fixtures/api-under-test.ts';
import { read } from './fixtures/deployed.ts';

/** @param paths gets every address that is written to */
function clientOf(api: ApiUnderTest, kind: ControlWire['kind'], paths: string[]): DeploymentClient {
  return deploymentsOf(
    new ControlPlane({
      kind,
      async send(call) {
        const path = pathOf(call);
        if (call.route.method !== 'GET' && !path.endsWith('/filter')) paths.push(`${call.route.method} ${path}`);
        const { status, text } = await api.send(call.route.method, path, call.body);
        if (status >= 400 && !call.expected?.includes(status)) throw new OstinatoError('bad-input', text);
        return { status, text };
      },
    }),
  );
}

const wanted = (tags: string[], cron: string): WantedDeployment => ({
  flowName: 'sales',
  name: 'daily',
  fields: { tags, parameters: { x: 1 } },
  schedules: [{ cron, slug: 's' }],
  labels: { project: 'shop' },
  source: { by: 'somebody', file: 'shop.yaml' },
});

const HERE = { who: 'the file', remedy: 'Say so.', isTold: false };

test('a server that keeps versions is asked once; what both have changed is refused, with what it is', () =>
  withApi({}, async (api) => {
    const paths: string[] = [];
    const client = clientOf(api, 'ostinato', paths);
    const made = await bringDeployments(client, [wanted(['a'], '@daily')]);
    const [first] = made.deployments;
    assert.deepEqual([made.isApplied, first?.plain.is_new, first?.plain.version], [true, true, 1]);
    assert.deepEqual(paths, ['POST /ostinato/deployments/apply']);
    const there = await read(api, first?.plain.id);
    assert.equal((there['labels'] as Readonly<Record<string, unknown>>)['project'], 'shop');
    await client.update(String(first?.plain.id), { tags: ['hand'] });
    const refused = await bringDeployments(client, [wanted(['b'], '@daily')]);
    assert.equal(refused.isApplied, false);
    assert.throws(
      () => refuseConflicts(refused, HERE),
      (error) =>
        OstinatoError.is(error) && error.code === 'conflict' && /sales\/daily: ! tags: was \["a"\]/.test(error.message),
    );
    const forced = await bringDeployments(client, [wanted(['b'], '@daily')], { isForced: true });
    refuseConflicts(forced, HERE);
    assert.equal(forced.deployments[0]?.plain.version, 2);
  }));

test('one that keeps none is changed field by field, and not at all in a dry run', () =>
  withApi({}, async (api) => {
    const paths: string[] = [];
    const client = clientOf(api, 'prefect', paths);
    const dry = await bringDeployments(client, [wanted(['a'], '@daily')], { isDry: true });
    assert.deepEqual(
      [dry.isApplied, dry.deployments[0]?.plain.is_new, dry.deployments[0]?.plain.id],
      [false, true, null],
    );
    assert.equal(paths.length, 0);
    const made = await bringDeployments(client, [wanted(['a'], '@daily')]);
    const id = made.deployments[0]?.plain.id;
    assert.deepEqual([made.isApplied, made.deployments[0]?.plain.version], [true, null]);
    assert.ok(!paths.some((path) => path.includes('ostinato')), paths.join());
    paths.length = 0;
    const change = [wanted(['b'], '@hourly')];
    const would = await bringDeployments(client, change, { isDry: true });
    assert.equal(paths.length, 0);
    const done = await bringDeployments(client, change);
    const told = done.deployments[0]?.plain.changes.map(({ path, how, wanted: next }) => [path, how, next]);
    assert.deepEqual(told, [
      ['tags', 'set', ['b']],
      ['schedules.s.schedule', 'set', { cron: '@hourly' }],
    ]);
    assert.deepEqual(would.deployments[0]?.plain.changes, done.deployments[0]?.plain.changes);
    refuseConflicts(done, HERE);
    assert.deepEqual((await read(api, id))['tags'], ['b']);
    await assert.rejects(client.run(String(id), { pinned_version: 1 }), /keeps no versions/);
    assert.deepEqual((await bringDeployments(client, change)).deployments[0]?.plain.changes, []);
  }));
