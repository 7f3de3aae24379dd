import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Event } from '../../core/event.ts';
import { includesEvent } from '../../core/event-filter.ts';
import type { EventId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import type { EventFilterIn } from '../body/event-filter.ts';
import { eventFilter, liveEventFilter } from './event-filter.ts';

const NOW = 1_790_000_000_000_000 as Instant;
const ID = '01975300-0000-7000-8000-000000000001';

function event(more: Partial<Event> = {}): Event {
  return {
    id: ID as EventId,
    name: 'order.paid',
    occurred: NOW,
    received: NOW,
    follows: null,
    resource: { 'prefect.resource.id': 'order.1', color: 'red' },
    related: [
      { 'prefect.resource.id': 'flow.1', 'prefect.resource.role': 'flow', tier: 'gold' },
      { 'prefect.resource.id': 'tag.a', 'prefect.resource.role': 'tag' },
    ],
    payload: '{"note":"Über Los"}',
    ...more,
  };
}

function matches(filter: EventFilterIn, of = event()): boolean {
  return includesEvent(eventFilter(filter, NOW), of);
}

function fits(pattern: string, value: string | undefined): boolean {
  const labels = value === undefined ? {} : { label: value };
  return matches(
    { resource: { labels: { label: pattern } } },
    event({ resource: { 'prefect.resource.id': 'r', ...labels } }),
  );
}

test('patterns of labels', () => {
  const fitting: readonly (readonly [string, string])[] = [
    ['a', 'a'],
    ['*', ''],
    ['a*', 'a'],
    ['*b*', 'abc'],
    ['a?c', 'abc'],
    ['a?c', 'a😀c'],
    ['*a*a', 'banana'],
    ['!a', 'b'],
    ['!a*', 'ba'],
    ['[x]', '[x]'],
    ['a**', 'ab'],
  ];
  for (const [pattern, value] of fitting) assert.ok(fits(pattern, value), `${pattern} ${value}`);
  const others: readonly (readonly [string, string | undefined])[] = [
    ['a', 'A'],
    ['a', 'ab'],
    ['?', ''],
    ['a?', 'a'],
    ['!*', 'x'],
    ['!a', undefined],
    ['*', undefined],
    ['[x]', 'x'],
  ];
  for (const [pattern, value] of others) assert.ok(!fits(pattern, value), `${pattern} ${value}`);
});

test('a pattern of many stars takes no longer than its length times the value', () => {
  assert.equal(fits(`${'*a'.repeat(2000)}*b`, 'a'.repeat(20_000)), false);
});

test('what each part of a filter means', () => {
  const matching: readonly EventFilterIn[] = [
    {},
    { event: { name: ['other', 'order.paid'], prefix: ['x', 'order.'] } },
    { event: { exclude_name: ['order'], exclude_prefix: ['paid'] } },
    { event: { name: [], prefix: [], exclude_name: [], exclude_prefix: [] } },
    { resource: { id: ['order.1'], id_prefix: ['order.'], labels: { color: ['blue', 'r*'] } } },
    { resource: { id: [], id_prefix: [], labels: {} } },
    { resource: { labels: { 'prefect.resource.id': '*.1' } } },
    { related: { id: ['flow.1'], role: ['flow'], labels: { tier: '!silver' } } },
    { related: [{ id: ['flow.1'] }, { role: ['tag'] }] },
    {
      related: {
        resources_in_roles: [
          ['flow.1', 'tag'],
          ['tag.a', 'tag'],
        ],
      },
    },
    { any_resource: [{ id: ['order.1'] }, { id_prefix: ['tag.'] }, { labels: { tier: 'gold' } }] },
    { id: { id: [ID.toUpperCase()] } },
    { text: { query: 'nowhere "über los"' } },
    { text: { query: '+gold +RED -silver' } },
  ];
  for (const filter of matching) assert.ok(matches(filter), JSON.stringify(filter));
  const others: readonly EventFilterIn[] = [
    { event: { name: ['order'] } },
    { event: { prefix: ['Order.'] } },
    { event: { exclude_name: ['order.paid'] } },
    { event: { exclude_prefix: ['order.'] } },
    { resource: { id: ['flow.1'] } },
    { resource: { labels: { color: [] } } },
    { resource: { labels: { tier: 'gold' } } },
    { related: { id: ['order.1'] } },
    { related: { id: ['flow.1'], role: ['tag'] } },
    { related: { id: ['tag.a'], labels: { tier: 'gold' } } },
    { related: { resources_in_roles: [['flow.1', 'tag']] } },
    { any_resource: { id: ['tag.a'], labels: { tier: 'gold' } } },
    { id: { id: ['01975300-0000-7000-8000-000000000002'] } },
    { text: { query: '+gold +silver' } },
    { text: { query: 'order -gold' } },
  ];
  for (const filter of others) assert.ok(!matches(filter), JSON.stringify(filter));
});

test('a live stream does not ask for related resources alone, and has every event', () => {
  const filter: EventFilterIn = { related: { id: ['nobody'] }, resource: { id: ['order.1'], distinct: true } };
  const live = liveEventFilter(filter, NOW);
  assert.ok(includesEvent(live, event()));
  assert.ok(!matches(filter));
  assert.deepEqual([live.isDistinct, live.order], [false, 'asc']);
  assert.ok(!includesEvent(live, event({ resource: { 'prefect.resource.id': 'order.2' } })));
});
