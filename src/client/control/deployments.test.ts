import assert from 'node:assert/strict';
import { test } from 'node:test';

import { deploymentsOf } from './deployments.ts';
import { ControlPlane } from './plane.ts';

test('the flows of a list of deployments are asked for together', async () => {
  const asked: string[] = [];
  const plane = new ControlPlane({
    kind: 'ostinato',
    send({ route, body = '' }) {
      asked.push(route.path);
      const { flows } = JSON.parse(body) as { flows: { id: { any_: string[] } } };
      const rows = flows.id.any_.filter((id) => id !== 'gone').map((id) => ({ id, name: `flow ${id}` }));
      return Promise.resolve({ status: 200, text: JSON.stringify(rows) });
    },
  });
  const ids = Array.from({ length: 450 }, (_, at) => `f${at}`);
  const names = await deploymentsOf(plane).flowNames([...ids, ...ids, 'gone']);
  assert.deepEqual([names.size, names.get('f449'), names.get('gone')], [450, 'flow f449', undefined]);
  assert.deepEqual(asked, Array<string>(3).fill('/flows/filter'));
});
