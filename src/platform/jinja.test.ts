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
  assert.deepEqual(shown.map(renderJinja), ['3', 'ab', 'NORTH', '0,1,2,', 'n', '10', '{"a": 1}', '2']);
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
