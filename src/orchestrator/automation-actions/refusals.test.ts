import assert from 'node:assert/strict';
import { test } from 'node:test';

import { actOnDue, endOf, orderAction, recordOf } from '../../api/fixtures/acted.ts';
import { withApi } from '../../api/fixtures/api-under-test.ts';
import { deploy, fields } from '../../api/fixtures/deployed.ts';
import { OstinatoError } from '../../core/errors.ts';

test('what may pass is tried again: a store that is away, and what nobody has foreseen', () =>
  withApi({}, async (api) => {
    const { id } = await deploy(api);
    const ordered = await orderAction(api, { type: 'pause-deployment', source: 'selected', deployment_id: id });
    const { changeDeployment } = api.storage;
    const faults = [
      new OstinatoError('store-unavailable', 'The database is away.'),
      new TypeError('x is not a function'),
    ];
    let thrown: Error | undefined;
    const fail = () => Promise.reject(thrown);
    Object.assign(api.storage, { changeDeployment: fail });
    for (const fault of faults) {
      thrown = fault;
      await actOnDue(api);
      const { problem, receipt, dueAt } = await recordOf(api, ordered);
      assert.deepEqual([problem, receipt], [fault.message, null]);
      api.advance(((dueAt ?? 0) - api.now()) / 1e6);
    }
    Object.assign(api.storage, { changeDeployment });
    await actOnDue(api);
    assert.deepEqual((await recordOf(api, ordered)).receipt, { status: 'done', text: 'The deployment is paused.' });
    assert.equal(fields(await api.get(`/deployments/${String(id)}`))['paused'], true);
    assert.equal((await endOf(api, ordered)).payload['status_code'], 200, 'nothing is left of the attempts before');
  }));
