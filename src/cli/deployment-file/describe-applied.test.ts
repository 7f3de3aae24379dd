import assert from 'node:assert/strict';
import { test } from 'node:test';

import { describeApplied, type PlaceOfRuns } from './describe-applied.ts';

test('a deployment that was made says how to start what takes its runs', () => {
  const made = { id: null, is_new: true, flow_name: 'sales', name: 'nightly', version: 1, changes: [] };
  const worker = (where: PlaceOfRuns): string | undefined => describeApplied(made, true, where).split('\n').at(-1);
  assert.equal(worker({}), 'Its runs wait for: ostinato agent start --work-queue=default');
  assert.equal(worker({ work_queue_name: 'a b' }), "Its runs wait for: ostinato agent start --work-queue='a b'");
  assert.equal(worker({ work_pool_name: 'proc' }), 'Its runs wait for: ostinato worker start --pool=proc');
  assert.equal(
    worker({ work_pool_name: 'proc', work_queue_name: 'night' }),
    'Its runs wait for: ostinato worker start --pool=proc --work-queue=night',
  );
});
