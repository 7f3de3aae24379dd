import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readAutomationFile } from './read-file.ts';

const GOOD = `
name: clean up
trigger:
  expect: [prefect.flow-run.Failed]
actions:
  - type: run-deployment
    deployment: sales/clean-up
`;

const said = (text: string): readonly string[] =>
  readAutomationFile(text).complaints.map(
    ({ line, column, message, advice }) => `${line}:${column} ${message} ${advice}`,
  );

test('one automation, a list, a list under `automations`, several texts, and JSON are read', () => {
  const json = JSON.stringify({
    name: 'j',
    trigger: { type: 'event', posture: 'Reactive', expect: ['a'] },
    actions: [{ type: 'do-nothing' }],
  });
  const cases: readonly (readonly [string, readonly string[]])[] = [
    [GOOD, ['clean up']],
    [json, ['j']],
    [JSON.stringify([JSON.parse(json), JSON.parse(json)], null, '\t'), ['j', 'j']],
    [`automations:\n  - ${json}\n  - ${json}\n`, ['j', 'j']],
    [`${GOOD}---\n${GOOD}`, ['clean up', 'clean up']],
    ['automations: []', []],
  ];
  for (const [text, names] of cases) {
    const { automations, complaints } = readAutomationFile(text);
    assert.deepEqual(complaints, [], text);
    assert.deepEqual(
      automations.map(({ name }) => name),
      names,
    );
  }
});

test('a trigger without a type is one of events, and reactive; what the API answers with says nothing', () => {
  const [read] = readAutomationFile(
    `id: 3\ncreated: x\nupdated: y\nowner_resource: null\ndescription: null${GOOD}`,
  ).automations;
  assert.deepEqual(read?.fields, {
    name: 'clean up',
    trigger: { type: 'event', posture: 'Reactive', expect: ['prefect.flow-run.Failed'] },
    actions: [{ type: 'run-deployment', deployment: 'sales/clean-up' }],
  });
  const [nested] = readAutomationFile(
    'name: n\ntrigger: { id: x, within: 5, triggers: [{ id: y, expect: [a] }] }\nactions: []',
  ).automations;
  assert.deepEqual(nested?.fields['trigger'], {
    type: 'sequence',
    within: 5,
    triggers: [{ type: 'event', posture: 'Reactive', expect: ['a'] }],
  });
});

test('each mistake is told where it stands, with what to write', () => {
  const cases: readonly (readonly [string, readonly RegExp[]])[] = [
    ['', [/^1:1 There is nothing here/]],
    ['- 3', [/^1:3 This is no automation/]],
    [
      GOOD.replace('name: clean up', 'nam: clean up'),
      [/The field "name" is missing/, /^2:1 There is no field "nam"\. Did you mean "name"/],
    ],
    [GOOD.replace('name: clean up', 'name: ""'), [/^2:1 "name" must be a text that is not empty/]],
    [GOOD.replace('expect:', 'expects:'), [/^4:3 There is no field "expects" of event\. Did you mean "expect"\?/]],
    [
      GOOD.replace('[prefect.flow-run.Failed]', 'prefect.flow-run.Failed'),
      [/^4:3 "expect": Input should be a valid set, not "prefect/],
    ],
    [
      GOOD.replace('run-deployment', 'run-deploymnt'),
      [/^6:5 There is no action of the type "run-deploymnt"\. Did you mean "run-deployment"/],
    ],
    [
      GOOD.replace('deployment: sales', 'work_pool: sales'),
      [/deployment_id is required/, /^7:5 There is no field "work_pool" of run-deployment/],
    ],
    [GOOD.replace('    deployment: sales/clean-up\n', ''), [/^6:5 deployment_id is required\./]],
    [
      GOOD.replace('sales/clean-up', '3'),
      [/^7:5 "deployment" must be FLOW\/NAME of a deployment.*deployment: sales\/nightly/],
    ],
    [
      `${GOOD}    deployment_id: 00000000-0000-4000-8000-000000000001\n`,
      [/^7:5 "deployment" stands beside "deployment_id"/],
    ],
    [
      GOOD.replace('expect:', 'posture: Sometimes\n  expect:'),
      [/^4:3 "posture": .*Reactive or Proactive, not "Sometimes".*posture: Reactive/],
    ],
    [GOOD.replace('expect:', 'threshold: many\n  expect:'), [/^4:3 "threshold": .*not "many"/]],
    [
      GOOD.replace('expect:', 'within: -1\n  expect:'),
      [/^4:3 "within": Input should be greater than or equal to 0 seconds/],
    ],
    [GOOD.replace('expect:', 'match: { a: 3 }\n  expect:'), [/^4:12 "a": Input should be a valid string, not 3/]],
    [
      GOOD.replace('expect:', 'type: metric\n  expect:'),
      [/There is no field "expect" of metric/, /The field "metric" is missing/],
    ],
    [
      GOOD.replace('expect:', 'time_in_state: { states: [Failed], for: 60 }\n  expect:'),
      [/does not leave the state Failed/],
    ],
    [
      'name: n\ntrigger: { type: compound, require: 9, within: 1, triggers: [] }\nactions: []',
      [/require must be less than or equal/],
    ],
    [
      'name: n\ntrigger: { type: compound, within: 1, triggers: [] }\nactions: []',
      [/^2:1 The field "require" is missing/],
    ],
    [
      'name: n\ntrigger: { type: compound, require: all, within: 1, triggers: [{ expect: 3 }] }\nactions: []',
      [/^2:\d+ "expect": /],
    ],
    [
      'name: n\ntrigger: { expect: [a] }\nactions: [{ type: send-notification, block: x/y }]',
      [/^3:1\d The field "body" is missing.*body: /],
    ],
    [GOOD.replace('actions:', 'enabled: "yes"\nactions:'), [/^5:1 "enabled" must be true or false/]],
    [
      `${GOOD}    parameters: { count: 1234567890123456789 }\n`,
      [/^8:\d+ The number 1234567890123456789 cannot be kept.*"1234567890123456789"/],
    ],
    ['name: [', [/^1:\d+ A character is missing/]],
    [`${GOOD}---\n${GOOD.replace('name', 'nmae')}`, [/"name" is missing/, /^10:1 There is no field "nmae"/]],
  ];
  for (const [text, expected] of cases) {
    const found = said(text);
    assert.equal(found.length, expected.length, `${text}\n${found.join('\n')}`);
    for (const pattern of expected)
      assert.ok(
        found.some((line) => pattern.test(line)),
        `${text}\n${found.join('\n')}\n${String(pattern)}`,
      );
  }
});

test('values of any kind in the place of any field are complaints, never an exception', () => {
  const odd = ['null', '3', '"x"', '[]', '{}', '[[1]]', '{ a: { b: [] } }', 'true', '[{ type: event }]'];
  const names = ['name', 'description', 'enabled', 'tags', 'trigger', 'actions', 'actions_on_trigger', 'automations'];
  for (const name of names)
    for (const value of odd) assert.doesNotThrow(() => readAutomationFile(`name: n\nactions: []\n${name}: ${value}\n`));
  for (const inner of ['match', 'match_related', 'after', 'for_each', 'within', 'triggers', 'require', 'type', 'id'])
    for (const value of odd)
      assert.doesNotThrow(() => readAutomationFile(`name: n\nactions: []\ntrigger: { ${inner}: ${value} }\n`));
});
