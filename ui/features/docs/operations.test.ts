import assert from 'node:assert/strict';
import { test } from 'node:test';

import { operationGroups, searchOperations } from './operations.ts';

const groups = operationGroups({
  info: { title: 't', version: '1' },
  tags: [{ name: 'Runs' }, { name: 'Empty' }, { name: 'Flows' }],
  paths: {
    '/api/flows/{id}': {
      summary: 'not a method',
      get: { operationId: 'read_flow', summary: 'One flow', tags: ['Flows'] },
    },
    '/api/runs/': {
      post: { operationId: 'create_run', summary: 'Create a run', tags: ['Runs'] },
      delete: { summary: 'Delete all' },
    },
  },
});

test('operations stand in the order of the tags; one without a name or a tag is there too', () => {
  assert.deepEqual(
    groups.map(({ tag, operations }) => [tag, operations.map(({ id, method, path }) => `${id} ${method} ${path}`)]),
    [
      ['Runs', ['create_run POST /api/runs/']],
      ['Flows', ['read_flow GET /api/flows/{id}']],
      ['Other', ['delete-/api/runs/ DELETE /api/runs/']],
    ],
  );
});

test('every word of a search must be found somewhere', () => {
  const found = (query: string): string[] =>
    searchOperations(groups, query).flatMap(({ operations }) => operations.map(({ id }) => id));
  assert.deepEqual(found('RUNS create'), ['create_run']);
  assert.deepEqual(found('get'), ['read_flow']);
  assert.deepEqual(found('runs flow'), []);
  assert.equal(found('  ').length, 3);
});
