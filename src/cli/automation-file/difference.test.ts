import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readAutomation } from '../../contract/decode/automation.ts';
import { parseWire, wireText } from '../../contract/wire-json.ts';
import { differences } from './difference.ts';
import { readAutomationFile } from './read-file.ts';
import { fileOf, yamlOf } from './write-file.ts';
import type { Fields } from './written-part.ts';

const DEPLOYMENT = '00000000-0000-4000-8000-000000000001';

/** As a server answers it, with exact numbers. */
function there(text: string): Fields {
  const { plain, exact } = parseWire(text);
  const read = readAutomation(plain as Fields, exact as Fields, () => null);
  assert.ok(read.ok, text);
  const trigger = JSON.parse(JSON.stringify(read.read.trigger), (key: string, value: unknown) =>
    typeof value === 'object' && value !== null && 'type' in value ? { ...value, id: `id of ${key}` } : value,
  ) as unknown;
  const whole = {
    id: DEPLOYMENT,
    created: 'x',
    updated: 'x',
    description: '',
    enabled: true,
    tags: [],
    actions_on_trigger: [],
    actions_on_resolve: [],
    ...(exact as Fields),
    trigger,
    actions: read.read.actions,
  };
  return parseWire(wireText(whole)).exact as Fields;
}

const EVENT = { type: 'event', posture: 'Reactive', expect: ['b', 'a'], within: 60 };
const AUTOMATIONS: readonly Fields[] = [
  { name: 'plain', trigger: EVENT, actions: [{ type: 'do-nothing' }] },
  {
    name: 'on runs',
    trigger: {
      type: 'compound',
      within: null,
      require: 'any',
      triggers: [
        { type: 'event', posture: 'Proactive', time_in_state: { states: ['Running'], longer_than: { times: 2 } } },
        { type: 'metric', metric: { name: 'lateness', operator: '>', threshold: 60 } },
      ],
    },
    actions: [{ type: 'do-nothing' }],
  },
  {
    name: '  odd: "name"\n# ',
    description: 'two\nlines',
    enabled: false,
    tags: ['a', ''],
    trigger: { type: 'compound', within: null, require: 'all', triggers: [EVENT, { ...EVENT, posture: 'Proactive' }] },
    actions: [
      { type: 'run-deployment', deployment_id: DEPLOYMENT, parameters: {}, schedule_after: 1.5 },
      { type: 'run-deployment', deployment_id: DEPLOYMENT, parameters: { x: null, y: [{ z: [1, 2] }] } },
      { type: 'run-deployment', source: 'inferred', job_variables: { a: { b: 1 } } },
    ],
    actions_on_resolve: [{ type: 'do-nothing' }],
  },
];

test('what is exported, read again, differs in nothing from what is there', () => {
  for (const automation of AUTOMATIONS) {
    const kept = there(wireText(automation));
    for (const text of [yamlOf(fileOf(kept)), JSON.stringify(fileOf(kept))]) {
      const { automations, complaints } = readAutomationFile(text);
      assert.deepEqual(complaints, [], text);
      assert.deepEqual(differences(kept, automations[0]?.fields ?? {}), [], text);
      assert.doesNotMatch(text, /\bid\b|created|match/);
    }
  }
});

test('texts that an older YAML takes for something else are put between quotes', () => {
  const text = yamlOf(
    fileOf(there(wireText({ ...AUTOMATIONS[0], name: 'yes', tags: ['on', '12:30:45', '0o17', 'x'] }))),
  );
  for (const word of ['name: "yes"', '- "on"', '- "12:30:45"', '- x']) assert.ok(text.includes(word), text);
});

test('each difference is told by its place, with both values', () => {
  const kept = there(wireText(AUTOMATIONS[0]));
  const wanted = {
    name: 'plain',
    tags: ['x'],
    trigger: { ...EVENT, within: 0, expect: ['a', 'b', 'c'], match: { 'prefect.resource.id': 'x' } },
    actions: [{ type: 'run-deployment', deployment_id: DEPLOYMENT, parameters: { count: 1 } }],
  };
  const found = Object.fromEntries(differences(kept, wanted).map(({ path, from, to }) => [path, [from, to]]));
  assert.deepEqual(found['trigger.within'], ['60', '0']);
  assert.deepEqual(found['trigger.expect'], ['["a","b"]', '["a","b","c"]']);
  assert.deepEqual(found['tags'], ['[]', '["x"]']);
  assert.deepEqual(found['actions[0].type'], ['"do-nothing"', '"run-deployment"']);
  assert.deepEqual(found['actions[0].parameters.count'], [null, '1']);
  assert.equal(found['enabled'], undefined);
});

test('numbers that JavaScript has no room for are exported to the last digit, and differ from their neighbours', () => {
  const of = (number: string): Fields =>
    there(
      `{"name":"n","trigger":{"type":"event","posture":"Reactive"},"actions":[{"type":"run-deployment","deployment_id":"${DEPLOYMENT}","parameters":{"count":${number}}}]}`,
    );
  assert.match(yamlOf(fileOf(of('1234567890123456789'))), /count: 1234567890123456789\n/);
  assert.match(JSON.stringify(fileOf(of('1234567890123456789'))), /"count":1234567890123456789/);
  const wanted = {
    name: 'n',
    trigger: { type: 'event', posture: 'Reactive' },
    actions: [{ type: 'run-deployment', deployment_id: DEPLOYMENT, parameters: { count: 1 } }],
  };
  assert.deepEqual(differences(of('1.0'), wanted), []);
  assert.equal(differences(of('1234567890123456789'), wanted).length, 1);
});
