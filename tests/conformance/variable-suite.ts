import assert from 'node:assert/strict';
import { EVERYTHING, type Query } from '../../src/core/query.ts';
import type { VariableId } from '../../src/core/variable.ts';
import { makeEvent, makeVariable, newInstant, newId } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

const byName = (limit: number, offset: number): Query => ({
  where: EVERYTHING,
  sort: [{ field: 'name', direction: 'asc' }],
  limit,
  offset,
});

export const variableTests: StorageTests = {
  'variables are set, changed, read and deleted': async (storage) => {
    assert.equal(await storage.readVariable({ name: 'region' }), null);
    const variable = makeVariable('region', { name: 'north', codes: [1, 'ü', null] });
    const event = makeEvent({ name: 'set' });
    assert.equal(
      await storage.changeVariable({ name: 'region' }, (found) => ({ variable, event, answer: found })),
      null,
    );
    assert.deepEqual(await storage.readVariable({ name: 'region' }), variable);
    const changed = { ...variable, value: 'south', tags: ['a'], updatedAt: newInstant() };
    assert.deepEqual(
      await storage.changeVariable({ name: 'region' }, (found) => ({ variable: changed, answer: found })),
      variable,
    );
    assert.deepEqual(await storage.readVariable({ name: 'region' }), changed);
    assert.deepEqual(
      await storage.changeVariable({ name: 'region' }, (found) => ({ answer: found })),
      changed,
      'only looked at',
    );
    assert.equal(
      await storage.changeVariable({ name: 'region' }, () => ({ variable: null, answer: 'deleted' })),
      'deleted',
    );
    assert.equal(await storage.readVariable({ name: 'region' }), null);
    assert.deepEqual(
      (await storage.readEvents({ afterSeq: 0, limit: 10 })).map(({ name }) => name),
      ['set'],
    );
  },

  'variables are listed by name, page by page': async (storage) => {
    const variables = ['a', 'b', 'c', 'd', 'e'].map((name) => makeVariable(name, name));
    for (const variable of variables.toReversed())
      await storage.changeVariable({ name: variable.name }, () => ({ variable, answer: null }));
    const first = await storage.find('variable', byName(2, 0));
    const rest = await storage.find('variable', byName(200, 2));
    assert.deepEqual([...first, ...rest], variables);
    assert.equal(first.length, 2);
  },
  'variables are found by id, get other names, and keep exact values': async (storage) => {
    const variable = { ...makeVariable('a', { x: 1 }), exactValue: '{"x":1.0}' };
    await storage.changeVariable({ name: 'a' }, () => ({ variable, answer: null }));
    assert.deepEqual(await storage.readVariable({ id: variable.id }), variable);
    assert.equal(await storage.readVariable({ id: newId<VariableId>() }), null);
    const other = makeVariable('b', 12);
    await storage.changeVariable({ name: 'b' }, () => ({ variable: other, answer: null }));
    await assert.rejects(
      async () =>
        await storage.changeVariable({ id: variable.id }, () => ({
          variable: { ...variable, name: 'b' },
          answer: null,
        })),
      { code: 'conflict' },
    );
    assert.deepEqual(await storage.readVariable({ name: 'a' }), variable, 'nothing was lost');
    await storage.changeVariable({ id: variable.id }, () => ({ variable: { ...variable, name: 'c' }, answer: null }));
    assert.deepEqual(
      [await storage.readVariable({ name: 'a' }), (await storage.readVariable({ name: 'c' }))?.id],
      [null, variable.id],
    );
    await storage.changeVariable({ id: variable.id }, () => ({ variable: null, answer: null }));
    assert.deepEqual(await storage.find('variable', byName(200, 0)), [other]);
  },
};
