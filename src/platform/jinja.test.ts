import assert from 'node:assert/strict';
import { test } from 'node:test';

import { renderJinja } from './jinja.ts';

test('templates are rendered as Jinja renders them', () => {
  const shown = [
    '{{ 1 + 2 }}',
    'a{{ x }}b',
    "{{ 'north' | upper }}",
    '{% for i in range(3) %}{{ i }},{% endfor %}',
    '{% if x %}y{% else %}n{% endif %}',
    '{% set a = 5 %}{{ a * 2 }}',
    "{{ {'a': 1} | tojson }}",
    '{{ [True, true] | length }}',
  ];
  assert.deepEqual(
    shown.map((template) => renderJinja(template)),
    ['3', 'ab', 'NORTH', '0,1,2,', 'n', '10', '{"a": 1}', '2'],
  );
});

test('ranges count up, down and in steps', () => {
  const listed = (range: string): string => renderJinja(`{% for i in ${range} %}{{ i }} {% endfor %}`);
  assert.deepEqual(['range(2)', 'range(1, 4)', 'range(5, 0, -2)', 'range(0, 5, 2)', 'range(3, 3)'].map(listed), [
    '0 1 ',
    '1 2 3 ',
    '5 3 1 ',
    '0 2 4 ',
    '',
  ]);
});

test('a template that is wrong, or would do too much, says so', () => {
  const loop = (depth: number): string => '{% for i in [1] %}'.repeat(depth) + '{% endfor %}'.repeat(depth);
  const refused: readonly (readonly [string, RegExp])[] = [
    ['{{ ', /end of input/],
    ["{{ 'x' | nofilter }}", /filter/],
    ['{{ nope() }}', /not a function/],
    ['{% for i in range(1000000000) %}{% endfor %}', /Range too big/],
    ['{{ range(0, 5, 0) }}', /Range too big/],
    [loop(3), /nested for loops at a depth of 3/],
    [loop(1).repeat(11), /11 for loops/],
  ];
  for (const [template, message] of refused) assert.throws(() => renderJinja(template), { message });
  assert.equal(renderJinja(loop(2)), '');
});

test('a template reaches nothing of the server', () => {
  for (const template of [
    "{{ ''.constructor.constructor('return process')() }}",
    '{{ process.exit() }}',
    '{{ range.constructor }}',
  ]) {
    let shown = '';
    try {
      shown = renderJinja(template);
    } catch {
      continue;
    }
    assert.equal(shown, '', template);
  }
});

test('a template of an automation names what it is about, with links and with what resources are called', () => {
  const id = '0199aaaa-0000-7000-8000-000000000001';
  const context = {
    pages: 'http://127.0.0.1:4200/',
    values: JSON.stringify({
      flow_run: { id, name: 'calm', state: { name: 'Failed' } },
      work_pool: { id: '0199aaaa-0000-7000-8000-000000000002', name: 'reports' },
      event: { resource: { 'prefect.resource.id': `prefect.flow-run.${id}`, 'prefect.resource.name': 'calm', a: 'b' } },
      labels: { 'prefect.resource.id': 'x', prefect: { resource: { id: 'x' } } },
    }),
  };
  const shown: readonly (readonly [string, string])[] = [
    ['{{ flow_run.name }} is {{ flow_run.state.name }}', 'calm is Failed'],
    ['{{ flow_run | ui_url }}', `http://127.0.0.1:4200/runs/flow-run/${id}`],
    ['{{ work_pool|ui_url }}', 'http://127.0.0.1:4200/work-pools/work-pool/reports'],
    ['{{ event.resource | ui_url }}', `http://127.0.0.1:4200/runs/flow-run/${id}`],
    ['{{ event.resource|ui_resource_events_url }}', `http://127.0.0.1:4200/events?resource=prefect.flow-run.${id}`],
    ['{{ nothing | ui_url }}{{ none | ui_url }}', ''],
    ["{{ 'see flow-run/0199aaaa-0000-7000-8000-000000000001' | flow_run_id }}", id],
    ['{{ event.resource.id }} {{ event.resource.name }}', `prefect.flow-run.${id} calm`],
    ['{{ event.resource.labels.a }}', 'b'],
    ["{{ labels['prefect.resource.id'] }} {{ labels.prefect.resource.id }}", 'x x'],
    ['{{ flow.name.of.nothing }}', ''],
    [
      '{{ event.resource | tojson }}',
      `{"prefect.resource.id": "prefect.flow-run.${id}", "prefect.resource.name": "calm", "a": "b"}`,
    ],
  ];
  for (const [template, text] of shown) assert.equal(renderJinja(template, context), text, template);
  assert.equal(renderJinja('{{ flow_run | ui_url }}', { ...context, pages: null }), '');
});

test('numbers are written as they came, and are not computed with where digits would be lost', () => {
  const values =
    '{"n": {"id": 12345678901234567890, "whole": 1.0, "e": 1e3, "half": 0.5, "seven": 7, "list": [-9007199254740993]}}';
  const shown = (template: string): string => renderJinja(template, { values, pages: null });
  assert.equal(renderJinja('{{ n }}', { values: '{"n": 9007199254740993}', pages: null }), '9007199254740993');
  for (const [template, text] of [
    ['{{ n.id }} {{ n.whole }} {{ n.e }} {{ n.half }} {{ n.seven }}', '12345678901234567890 1.0 1000.0 0.5 7'],
    ['{{ n.list[0] }} {{ n.list }}', '-9007199254740993 [-9007199254740993]'],
    [
      '{{ n | tojson }}',
      '{"id": 12345678901234567890, "whole": 1, "e": 1000, "half": 0.5, "seven": 7, "list": [-9007199254740993]}',
    ],
    ["{{ 'order ' ~ n.id }} {{ n.id | string }}", 'order 12345678901234567890 12345678901234567890'],
    ['{{ n.whole + 1 }} {{ n.seven * 2 }}', '2.0 14'],
    ['{% if n.id %}some{% endif %}', 'some'],
  ] as const)
    assert.equal(shown(template), text, template);
  for (const template of ['{{ n.id + 1 }}', '{{ n.id > 5 }}', '{{ n.id == 12345678901234567000 }}'])
    assert.throws(
      () => shown(template),
      /12345678901234567890 has more digits than templates can compute with/,
      template,
    );
});
