import assert from 'node:assert/strict';
import { test } from 'node:test';

import { event, eventTrigger } from './fixtures/stepping.ts';
import { isExpected, labelsOf, looksAtName, unmetLabel } from './match.ts';
import { placedTriggers, readTrigger, type EventTrigger, type Trigger } from './trigger.ts';

function trigger(parts: Readonly<Record<string, unknown>>): EventTrigger {
  return readTrigger(JSON.stringify(eventTrigger(parts))) as EventTrigger;
}

const run = event({
  name: 'prefect.flow-run.Failed',
  resource: { 'prefect.resource.id': 'prefect.flow-run.1', 'prefect.resource.name': 'quick-fox' },
  related: [
    { 'prefect.resource.id': 'prefect.flow.2', 'prefect.resource.role': 'flow', 'prefect.resource.name': 'sales' },
    { 'prefect.resource.id': 'prefect.tag.nightly', 'prefect.resource.role': 'tag' },
    { 'prefect.resource.id': 'prefect.tag.large', 'prefect.resource.role': 'tag' },
  ],
});

test('a trigger looks at events by their names', () => {
  for (const [expect, after, looks] of [
    [[], [], true],
    [[], ['other'], true],
    [['prefect.flow-run.Failed'], [], true],
    [['prefect.flow-run.failed'], [], false],
    [['prefect.flow-run'], [], false],
    [['prefect.flow-run.*'], [], true],
    [['prefect.*.Failed'], [], true],
    [['prefect.flow-run.Failed*'], [], false],
    [['other'], ['prefect.flow-run.*'], true],
    [['other'], [], false],
    [['!other'], [], false],
    [['prefect.flow-run.*', '!prefect.flow-run.Failed'], [], true],
  ] as const)
    assert.equal(looksAtName(trigger({ expect, after }), run.name), looks, JSON.stringify([expect, after]));
});

test('what is expected may be turned, among the events that a trigger looks at', () => {
  assert.equal(isExpected(trigger({ expect: ['!b'] }), { name: 'a' }), true);
  assert.equal(isExpected(trigger({ expect: ['!a'] }), { name: 'a' }), false);
  assert.equal(isExpected(trigger({ expect: [] }), { name: 'a' }), true);
});

test('a trigger looks at events by the labels of their resources', () => {
  const id = 'prefect.resource.id';
  const role = 'prefect.resource.role';
  for (const [match, matchRelated, looks] of [
    [{}, {}, true],
    [{ [id]: 'prefect.flow-run.*' }, {}, true],
    [{ [id]: 'prefect.flow-run.?' }, {}, true],
    [{ [id]: ['prefect.flow.*', 'prefect.flow-run.*'] }, {}, true],
    [{ [id]: [] }, {}, false],
    [{ [id]: '!prefect.flow-run.2' }, {}, true],
    [{ [id]: '!prefect.flow-run.*' }, {}, false],
    [{ missing: '!x' }, {}, false],
    [{ [id]: 'prefect.flow-run.*', 'prefect.resource.name': 'slow-*' }, {}, false],
    [{}, { [id]: 'prefect.flow.2', [role]: 'flow' }, true],
    [{}, { [id]: 'prefect.flow.2', [role]: 'tag' }, false],
    [{}, [{ [id]: 'prefect.tag.nightly' }, { [id]: 'prefect.tag.large' }], true],
    [{}, [{ [id]: 'prefect.tag.nightly' }, { [id]: 'prefect.tag.small' }], false],
    [{}, [], true],
    [{ [id]: 'prefect.flow.2' }, {}, false],
  ] as const)
    assert.equal(
      unmetLabel(trigger({ match, match_related: matchRelated }), run) === null,
      looks,
      JSON.stringify([match, matchRelated]),
    );
});

test('keys come from labels of the resource, or of the first related one in a role', () => {
  const forEach = ['related:tag:prefect.resource.id', 'prefect.resource.id', 'related:none:x', 'missing'];
  assert.deepEqual(Object.entries(labelsOf(trigger({ for_each: forEach }), run)), [
    ['missing', ''],
    ['prefect.resource.id', 'prefect.flow-run.1'],
    ['related:none:x', ''],
    ['related:tag:prefect.resource.id', 'prefect.tag.nightly'],
  ]);
});

test('a trigger of a kind that only a newer program knows does not act, nor does one that lacks its triggers', () => {
  assert.deepEqual(placedTriggers(readTrigger('{"type":"compound","id":"1"}') as Trigger), []);
  assert.equal(readTrigger('{"type":"newer","id":"1"}'), null);
});

test('what an event has otherwise is told of the resource that comes furthest', () => {
  const unmet = (match: object, matchRelated: object = {}) =>
    unmetLabel(trigger({ match, match_related: matchRelated }), run);
  assert.deepEqual(unmet({ 'prefect.resource.name': ['slow-fox', '!quick*'] }), {
    what: 'label',
    label: 'prefect.resource.name',
    expected: ['slow-fox', '!quick*'],
    actual: 'quick-fox',
  });
  assert.deepEqual(unmet({}, { 'prefect.resource.role': 'flow', 'prefect.resource.name': 'sale' }), {
    what: 'related-label',
    label: 'prefect.resource.name',
    expected: ['sale'],
    actual: 'sales',
  });
  assert.deepEqual(unmet({ absent: '*' })?.actual, null);
  assert.deepEqual(unmet({}, [{}, { 'prefect.resource.role': 'deployment' }])?.label, 'prefect.resource.role');
});
