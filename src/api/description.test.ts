import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openApiDocument } from '../contract/openapi.ts';
import { ENTITIES } from '../contract/entities.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { apiOperations } from './operations.ts';

// Handlers are not called here: only what they are bound to is read.
const operations = apiOperations({
  useCases: {} as UseCases,
  clock: { now: () => 0 as never },
  ids: { next: () => '' as never },
  version: '0.0.0',
} as Parameters<typeof apiOperations>[0]);
const contracts = operations.map(({ contract }) => contract);
const document = JSON.parse(
  JSON.stringify(openApiDocument(contracts, ENTITIES, { title: 't', version: '1', description: '' })),
) as {
  readonly paths: Record<string, Record<string, { readonly operationId: string }>>;
  readonly components: { readonly schemas: Record<string, unknown> };
};

test('every reference of the description leads somewhere', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1] as string);
  assert.ok(references.length > 5, 'references were found');
  for (const reference of new Set(references)) {
    const name = /^#\/components\/schemas\/(\w+)$/.exec(reference)?.[1];
    assert.ok(name !== undefined && name in document.components.schemas, reference);
  }
});

test('operations are told apart by name, and by method and path', () => {
  const names = contracts.map(({ name }) => name);
  assert.deepEqual(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  );
  const places = contracts.map(({ method, path }) => `${method} ${path.replace(/\/$/, '')}`);
  assert.deepEqual(
    places.filter((place, index) => places.indexOf(place) !== index),
    [],
  );
});

test('every operation has a summary and a tag, and stands in the description', () => {
  for (const contract of contracts) {
    assert.match(contract.summary, /^[A-Z"“]/, contract.name);
    assert.equal(document.paths[contract.path]?.[contract.method.toLowerCase()]?.operationId, contract.name);
  }
});
