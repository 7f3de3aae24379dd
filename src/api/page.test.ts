import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openApi } from './fixtures/api-under-test.ts';

const LISTS = [
  '/flows/filter',
  '/flows/paginate',
  '/flow_runs/filter',
  '/flow_runs/paginate',
  '/task_runs/filter',
  '/task_runs/paginate',
  '/logs/filter',
  '/artifacts/filter',
  '/artifacts/latest/filter',
  '/variables/filter',
  '/block_types/filter',
  '/block_schemas/filter',
  '/block_documents/filter',
  '/concurrency_limits/filter',
  '/v2/concurrency_limits/filter',
  '/saved_searches/filter',
];

test('a list says of a limit that it has not in the words that clients ask again upon', async () => {
  const api = openApi();
  for (const list of LISTS) {
    for (const [limit, words] of [
      [201, 'less than or equal to 200'],
      ['201', 'less than or equal to 200'],
      [-1, 'greater than or equal to 0'],
    ] as const) {
      const answer = await api.post(list, { limit, offset: -1 });
      assert.deepEqual([list, answer.status, answer.body], [list, 422, { detail: `Invalid limit: must be ${words}.` }]);
    }
    for (const limit of ['many', 1.5, [201]]) {
      const answer = await api.post(list, { limit });
      assert.deepEqual(
        [list, answer.status, (answer.body as { exception_message: string }).exception_message],
        [list, 422, 'Invalid request received.'],
      );
    }
    for (const limit of [0, 200, null]) assert.equal((await api.post(list, { limit })).status, 200);
  }
  assert.deepEqual(api.failures, []);
  await api.close();
});
