import assert from 'node:assert/strict';

import type { Automation, AutomationId } from '../../src/core/automation.ts';
import { EVERYTHING } from '../../src/core/query.ts';
import type { Storage } from '../../src/store/port.ts';
import { makeAutomation, makeEvent, newInstant } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

const all = (storage: Storage) =>
  storage.find('automation', { where: EVERYTHING, sort: [{ field: 'name', direction: 'asc' }], limit: 200, offset: 0 });

async function insert(
  storage: Storage,
  automation: Automation,
  links: { readonly owner?: string; readonly related?: readonly string[] } = {},
): Promise<void> {
  await storage.changeAutomation(automation.id, () => ({ ...links, automation, answer: null }));
}

export const automationTests: StorageTests = {
  'automations are made, changed and deleted, to the letter': async (storage) => {
    const automation = makeAutomation('a');
    const event = makeEvent({ name: 'made' });
    const made = await storage.changeAutomation(automation.id, (found) => ({ automation, event, answer: found }));
    assert.equal(made, null);
    const changed = { ...automation, name: 'b', isEnabled: false, tags: [], updatedAt: newInstant() };
    const found = await storage.changeAutomation(automation.id, (there) => ({ automation: changed, answer: there }));
    assert.deepEqual(found, automation);
    assert.deepEqual(await all(storage), [changed]);
    assert.deepEqual(await storage.changeAutomation(automation.id, (there) => ({ answer: there })), changed);
    await storage.changeAutomation(automation.id, () => ({ automation: null, answer: null }));
    assert.deepEqual(await all(storage), []);
    assert.equal(await storage.changeAutomation('none' as AutomationId, (there) => ({ answer: there })), null);
    const told = await storage.readEvents({ afterSeq: 0, limit: 10 });
    assert.deepEqual(
      told.map(({ name }) => name),
      ['made'],
    );
  },

  'a change of an automation that is refused leaves nothing': async (storage) => {
    const automation = makeAutomation('a');
    await insert(storage, automation, { owner: 'x' });
    await assert.rejects(
      async () =>
        await storage.changeAutomation(automation.id, () => {
          throw new Error('refused');
        }),
      /refused/,
    );
    assert.deepEqual(await all(storage), [automation]);
  },

  'automations are found by what they are about and by what they belong to': async (storage) => {
    const [owned, about, other] = [makeAutomation('owned'), makeAutomation('about'), makeAutomation('other')];
    await insert(storage, owned, { owner: 'x', related: ['x', 'y'] });
    await insert(storage, about, { related: ['x'] });
    await insert(storage, other);
    assert.deepEqual(await storage.listRelatedAutomations('x'), [owned, about]);
    assert.deepEqual(await storage.listRelatedAutomations('y'), [owned]);
    await storage.changeAutomation(owned.id, () => ({ automation: owned, answer: null }));
    assert.deepEqual(await storage.listRelatedAutomations('y'), [owned], 'left out, it stays');
    await storage.changeAutomation(owned.id, () => ({ automation: owned, related: ['z'], answer: null }));
    assert.deepEqual(await storage.listRelatedAutomations('y'), []);
    assert.deepEqual(await storage.listRelatedAutomations('x'), [owned, about], 'the owner stays');

    const gone: string[] = [];
    const count = await storage.deleteOwnedAutomations('x', ({ name }) => {
      gone.push(name);
      return makeEvent({ name: `gone ${name}` });
    });
    assert.deepEqual([count, gone.at(-1)], [1, 'owned']);
    assert.deepEqual(await storage.listRelatedAutomations('x'), [about]);
    assert.deepEqual(await storage.listRelatedAutomations('z'), []);
    assert.equal(await storage.deleteOwnedAutomations('x', () => makeEvent({ name: 'none' })), 0);
    assert.deepEqual(await all(storage), [about, other]);
    const told = await storage.readEvents({ afterSeq: 0, limit: 10 });
    assert.deepEqual(
      told.map(({ name }) => name),
      ['gone owned'],
    );
  },
};
