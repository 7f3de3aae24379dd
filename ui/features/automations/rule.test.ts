import assert from 'node:assert/strict';
import { test } from 'node:test';

import { printJson, WrittenNumber } from '../../api/lossless-json.ts';
import { otherProblems, problemsOf, ruleProblems } from './rule-problems.ts';
import { copyOf, ruleOfEvent } from './rule-templates.ts';
import {
  FIRST_TRIGGER,
  kindOf,
  labelLines,
  labelsIn,
  numberIn,
  ofKind,
  relatedIn,
  relatedLines,
  secondsOf,
  spanOf,
  type TriggerKind,
} from './rule.ts';

test('labels are lines and back', () => {
  const labels = { 'prefect.resource.id': 'prefect.flow-run.*', shop: ['a', '!b'], 'a:b': 'c: d', empty: '' };
  assert.equal(labelLines(labels), 'prefect.resource.id: prefect.flow-run.*\nshop: a\nshop: !b\na:b: c: d\nempty: ');
  assert.deepEqual(labelsIn(labelLines(labels)), labels);
  assert.deepEqual(labelsIn('\n  just a word \n'), { 'just a word': '' });
  const related = [{ role: 'flow' }, { role: 'tag', name: 'x' }];
  assert.deepEqual(relatedIn(relatedLines(related)), related);
  assert.deepEqual(relatedIn(relatedLines({ role: 'flow' })), { role: 'flow' });
  assert.deepEqual([relatedIn(''), relatedLines(null), relatedLines(7), labelLines([])], [{}, '', '', '']);
});

test('numbers are what was typed, to the digit; what is none stays text', () => {
  assert.equal(numberIn(' 3 '), 3);
  assert.equal(printJson(numberIn('1234567890123456789')), '1234567890123456789');
  assert.equal(printJson(numberIn('0.10')), '0.10');
  assert.deepEqual(['', '  ', '01', '1.', 'x', '-'].map(numberIn), [undefined, undefined, '01', '1.', 'x', '-']);
  assert.deepEqual(spanOf(5400), { count: '90', unit: 'minutes' });
  assert.deepEqual(spanOf(86_400), { count: '1', unit: 'days' });
  assert.deepEqual(spanOf(0), { count: '0', unit: 'seconds' });
  assert.deepEqual(spanOf(new WrittenNumber('1.50')), { count: '1.50', unit: 'seconds' });
  assert.deepEqual(spanOf(undefined), { count: '', unit: 'seconds' });
  assert.equal(secondsOf('90', 'minutes'), 5400);
  assert.equal(secondsOf('soon', 'minutes'), 'soon');
});

test('a trigger becomes one of another kind and keeps what both have', () => {
  const event = { ...FIRST_TRIGGER, expect: ['a'], match: { shop: '1' } };
  const kinds: readonly TriggerKind[] = ['happens', 'missing', 'compound', 'sequence'];
  for (const from of kinds)
    for (const to of kinds) assert.equal(kindOf(ofKind(ofKind(event, from), to)), to, `${from} ${to}`);
  const missing = ofKind(event, 'missing');
  assert.deepEqual([missing['within'], missing['match'], missing['expect']], [3600, { shop: '1' }, ['a']]);
  const back = ofKind(ofKind(event, 'compound'), 'happens');
  assert.deepEqual([back['expect'], back['match']], [['a'], { shop: '1' }]);
  assert.equal(kindOf({}), 'happens');
  assert.equal(kindOf(ofKind({ type: 'compound', triggers: 'x' }, 'happens')), 'happens');
});

test('an event like one that happened: of its flow for what comes again, else of its resource', () => {
  const flow = { 'prefect.resource.id': 'prefect.flow.1', 'prefect.resource.role': 'flow' };
  const run = { 'prefect.resource.id': 'prefect.flow-run.7' };
  const rule = ruleOfEvent({ event: 'prefect.flow-run.Failed', resource: run, related: [flow] });
  assert.deepEqual(rule['trigger'], {
    type: 'event',
    posture: 'Reactive',
    match: { 'prefect.resource.id': 'prefect.flow-run.*' },
    match_related: { 'prefect.resource.role': 'flow', 'prefect.resource.id': 'prefect.flow.1' },
    expect: ['prefect.flow-run.Failed'],
    threshold: 1,
    within: 0,
  });
  const shop = ruleOfEvent({
    event: 'x'.repeat(10_000),
    resource: { 'prefect.resource.id': 'shop.1' },
    related: [flow],
  });
  assert.equal(String(shop['name']).length, 85);
  assert.deepEqual((shop['trigger'] as { match: unknown }).match, { 'prefect.resource.id': 'shop.1' });
  assert.deepEqual(copyOf({ name: 'a', trigger: {}, own: 1 }), {
    name: 'Copy of a',
    trigger: {},
    own: 1,
    enabled: false,
  });
});

test('what the server says is shown by the part that it is about', () => {
  const problems = ruleProblems([
    { loc: ['body', 'trigger', 'EventTrigger', 'posture'], msg: 'Field required' },
    {
      loc: ['body', 'actions', 1, 'function-after[selected_deployment_requires_id(), RunDeployment]'],
      msg: 'Value error, deployment_id is required',
    },
    { loc: ['body', 'name'], msg: 'Field required' },
    { loc: ['body', 'actions', 9, 'x'], msg: 'odd' },
    { loc: 'x', msg: 'whole' },
    { loc: ['body'], msg: 7 },
  ]);
  assert.deepEqual(problemsOf(problems, 'trigger'), [
    { part: 'trigger', index: null, at: 'posture', reason: 'Field required' },
  ]);
  assert.deepEqual(
    problemsOf(problems, 'actions', 1).map(({ reason }) => reason),
    ['deployment_id is required'],
  );
  assert.deepEqual(
    otherProblems(problems, 2).map(({ reason }) => reason),
    ['odd', 'whole'],
  );
  for (const odd of [null, 'text', {}, [null], [7], 7]) assert.deepEqual(ruleProblems(odd), []);
});
