/** Which triggers look at an event, whether they spell its name out or not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AutomationSet } from './automation-set.ts';
import { automation, event, eventTrigger, uuid } from './fixtures/stepping.ts';

const EXPECTED = [['a'], ['*'], ['b', 'a'], [], ['A'], ['a*'], ['!a'], ['?'], ['a']];

function setOf(expected: readonly (readonly string[])[]) {
  return new AutomationSet(
    expected.map((expect, index) => automation(eventTrigger({ id: `${index}`, expect }), uuid(index + 1))),
  );
}

const lookingAt = (set: AutomationSet, name: string) =>
  set.lookingAt(event({ name, seconds: 1 })).map(({ trigger }) => trigger.id);

test('they are looked at in their order, those that spell the name out and the others', () => {
  const set = setOf(EXPECTED);
  assert.deepEqual(lookingAt(set, 'a'), ['0', '1', '2', '3', '7', '8']);
  assert.deepEqual(lookingAt(set, 'ab'), ['1', '3', '5']);
  assert.deepEqual(lookingAt(set, '!a'), ['1', '3', '6']);
  assert.deepEqual(lookingAt(set, 'prefect.log.write'), []);
});

test('a name that only opens its window is one that it looks at', () => {
  const trigger = eventTrigger({ after: ['opened'], expect: ['closed'] });
  const set = new AutomationSet([automation(trigger)]);
  assert.deepEqual(
    ['opened', 'closed', 'other'].map((name) => set.looksAtName(name)),
    [true, true, false],
  );
});

test('names without end are looked up, and found again', () => {
  const set = setOf([['a'], ['n.*']]);
  for (let index = 0; index < 25_000; index += 1) assert.ok(set.looksAtName(`n.${index}`));
  assert.deepEqual(lookingAt(set, 'a'), ['0']);
  assert.deepEqual(lookingAt(set, 'n.1'), ['1']);
});

test('windows that are open from the beginning are those of the automations that are asked for', () => {
  const proactive = eventTrigger({ posture: 'Proactive', within: 10 });
  const [first, second] = [automation(proactive, uuid(1)), automation(proactive, uuid(2))];
  const set = new AutomationSet([first, second, automation(eventTrigger(), uuid(3))]);
  assert.deepEqual(
    set.alwaysOpen([second]).map((active) => active.automation.id),
    [second.id],
  );
  assert.equal(set.find(second.id, 'trigger')?.automation, second);
  assert.equal(set.find(uuid(9), 'trigger'), null);
});
