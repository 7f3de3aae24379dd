import assert from 'node:assert/strict';
import { test } from 'node:test';

import { resourceKind, resourcePlace } from './resource-place.ts';

const ID = '0198c1d0-7a2b-7c3d-8e4f-001122334455';

test('resources lead to their pages; what has none, or is no id, leads nowhere', () => {
  assert.deepEqual(resourcePlace(`prefect.flow-run.${ID}`, 'x'), { to: '/runs/flow-run/$id', params: { id: ID } });
  assert.deepEqual(resourcePlace(`prefect.automation.${ID.toUpperCase()}`, null), {
    to: '/automations/automation/$id',
    params: { id: ID },
  });
  assert.deepEqual(resourcePlace(`prefect.work-pool.${ID}`, 'a/b'), {
    to: '/work-pools/work-pool/$name',
    params: { name: 'a/b' },
  });
  const nowhere = [
    `prefect.work-pool.${ID}`,
    'prefect.flow-run.../../x',
    `prefect.constructor.${ID}`,
    `prefect.__proto__.${ID}`,
    'shop.1',
    '',
    `prefect.flow-run.${ID}\n`,
    'x'.repeat(100_000),
  ];
  for (const id of nowhere) assert.equal(resourcePlace(id, ''), null, id.slice(0, 50));
});

test('the kind of a resource in a word', () => {
  assert.deepEqual([`prefect.work-pool.${ID}`, 'prefect.flow-run.x', 'shop.1', 'prefect.', ''].map(resourceKind), [
    'work pool',
    'flow run',
    '',
    '',
    '',
  ]);
});
