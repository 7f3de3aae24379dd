import assert from 'node:assert/strict';
import { test } from 'node:test';

import { instantFromMs, type Instant } from '../time.ts';
import { readLocalTime, zonedText } from './local-time.ts';
import { checkSlotTemplates, fillSlotTemplates, namesSlotEnd } from './slot-template.ts';
import { zoneOf } from './zone.ts';

const at = (text: string): Instant => instantFromMs(Date.parse(text));
const BERLIN = zoneOf('Europe/Berlin');
const BOUNDS = { start: at('2026-03-28T23:00:00Z'), end: at('2026-03-29T22:00:00Z'), zone: 'Europe/Berlin' };

test('a slot is told with its exact bounds, as the clocks of its zone show them', () => {
  const given = { day: '{{ slot.start }}', until: '{{slot.end}}', text: 'of {{ slot.date }} to {{ slot.end | date }}' };
  assert.deepEqual(JSON.parse(fillSlotTemplates(JSON.stringify(given), BOUNDS)), {
    day: '2026-03-29T00:00:00+01:00',
    until: '2026-03-30T00:00:00+02:00',
    text: 'of 2026-03-29 to 2026-03-30',
  });
});

test('what is no template stays as it is: numbers to the letter, other braces, names, empty things', () => {
  const json =
    '{"n":12345678901234567890.0,"{{ slot.start }}":1,"a":[{},[],null,true,"{{ region }}","{{{{","{{ a }}"]}';
  assert.equal(fillSlotTemplates(json, BOUNDS), json);
  assert.equal(fillSlotTemplates('{"a":["{{ slot.date }}"]}', BOUNDS), '{"a":["2026-03-29"]}');
});

test('a slot without an end has none: nothing as a value, nothing in a text', () => {
  const json = '{"a":"{{ slot.end }}","b":"to {{ slot.end }}."}';
  assert.equal(fillSlotTemplates(json, { ...BOUNDS, end: null }), '{"a":null,"b":"to ."}');
  assert.deepEqual([namesSlotEnd(json), namesSlotEnd('{"a":"{{ slot.start }} slot.end"}')], [true, false]);
});

test('a name that a slot does not have is refused with its place', () => {
  for (const json of [
    '{"a":{"b":["{{ slot.strat }}"]}}',
    '{"a":{"b":["x {{ slot }}"]}}',
    '{"a":{"b":["{{slot.a|b}}"]}}',
  ])
    assert.throws(() => checkSlotTemplates(json, false), /The parameter a\.b\[0\] has the template/);
  assert.throws(() => checkSlotTemplates('{"a":"{{ slot.strat }}"}', false), /Did you mean "slot\.start"/);
  assert.throws(() => checkSlotTemplates('{"a":"{{ region }}"}', true), { code: 'bad-input' });
  for (const json of ['{"a":"{{ region }}"}', '{"a":"{{ slots }}"}', '{"a":"{{ slot.start|date }} {{slot.date}}"}'])
    checkSlotTemplates(json, false);
});

test('what comes out is not looked at again', () => {
  const many = JSON.stringify({ a: '{{ slot.date }}'.repeat(20_000), b: '{{'.repeat(20_000) });
  assert.equal(JSON.parse(fillSlotTemplates(many, BOUNDS)).a.length, 200_000);
});

test('a time without an offset is of the zone: a date is its midnight, a gap moves forward, a fold is the first', () => {
  const read = (text: string) => zonedText(readLocalTime(text, BERLIN, 'It'), BERLIN);
  assert.equal(read('2026-03-29'), '2026-03-29T00:00:00+01:00');
  assert.equal(read('2026-03-29T02:30'), '2026-03-29T03:30:00+02:00');
  assert.equal(read('2026-10-25 02:30:00'), '2026-10-25T02:30:00+02:00');
  assert.equal(read('2026-10-25T02:30:00+01:00'), '2026-10-25T02:30:00+01:00');
  for (const wrong of ['2026-02-30', '2026-13-01', '2026-01-01T25:00', 'yesterday', ''])
    assert.throws(() => read(wrong), { code: 'bad-input' }, wrong);
});
