import assert from 'node:assert/strict';
import { makeEvent, makeVariable, newInstant } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

export const variableTests: StorageTests = {
  'variables are set, changed, read and deleted': async (storage) => {
    assert.equal(await storage.readVariable('region'), null);
    const variable = makeVariable('region', { name: 'north', codes: [1, 'ü', null] });
    const event = makeEvent({ name: 'set' });
    assert.equal(await storage.changeVariable('region', (found) => ({ variable, event, answer: found })), null);
    assert.deepEqual(await storage.readVariable('region'), variable);
    const changed = { ...variable, value: 'south', tags: ['a'], updatedAt: newInstant() };
    assert.deepEqual(await storage.changeVariable('region', (found) => ({ variable: changed, answer: found })), variable);
    assert.deepEqual(await storage.readVariable('region'), changed);
    assert.deepEqual(await storage.changeVariable('region', (found) => ({ answer: found })), changed, 'only looked at');
    assert.equal(await storage.changeVariable('region', () => ({ variable: null, answer: 'deleted' })), 'deleted');
    assert.equal(await storage.readVariable('region'), null);
    assert.deepEqual((await storage.readEvents({ afterSeq: 0, limit: 10 })).map(({ name }) => name), ['set']);
  },

  'variables are listed by name, page by page': async (storage) => {
    const variables = ['a', 'b', 'c', 'd', 'e'].map((name) => makeVariable(name, name));
    for (const variable of variables.toReversed()) await storage.changeVariable(variable.name, () => ({ variable, answer: null }));
    const first = await storage.listVariables({ limit: 2 });
    const rest = await storage.listVariables({ after: first[1]?.name });
    assert.deepEqual([...first, ...rest], variables);
  },
};
