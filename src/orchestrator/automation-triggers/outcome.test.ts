import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Automation, AutomationId } from '../../core/automation.ts';
import type { AutomationFiring } from '../../core/automations/evaluation.ts';
import type { Event } from '../../core/event.ts';
import type { EventId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import { firingEvent, ordersOf } from './outcome.ts';

const NOW = 1_767_225_601_000_000 as Instant;

const automation: Automation = {
  id: 'own' as AutomationId,
  name: 'watch',
  description: '',
  isEnabled: true,
  tags: [],
  trigger: '{}',
  actions: { always: '[{"type":"a","n":1.0}]', onTrigger: '[{"type":"b"}]', onResolve: '[{"type":"c"},{"type":"d"}]' },
  createdAt: NOW,
  updatedAt: NOW,
};

function firing(state: 'Triggered' | 'Resolved', event: Event | null = null): AutomationFiring {
  const at = 1_767_225_600_000_000 as Instant;
  const labels = { key: 'ü' };
  const eventId = event?.id ?? null;
  return {
    firing: { id: 'firing', automationId: automation.id, triggerId: 't', state, at, labels, eventId },
    automation,
    event,
    posture: null,
  };
}

const hash = (text: string): string => Buffer.from(text).toString('hex').padEnd(32, '0').slice(-32);

test('a firing by nothing is told without an event, and without a posture where there is none', () => {
  assert.deepEqual(firingEvent(firing('Triggered'), NOW), {
    id: 'firing',
    name: 'prefect.automation.triggered',
    resourceId: 'prefect.automation.own',
    occurred: 1_767_225_600_000_000,
    received: NOW,
    labels: { 'prefect.resource.name': 'watch' },
    related: [],
    payload: '{"triggering_labels":{"key":"ü"},"triggering_event":null}',
  });
});

test('one by an event of another automation tells the way to it', () => {
  const event: Event = {
    id: 'event' as EventId,
    name: 'prefect.automation.triggered',
    occurred: NOW,
    received: NOW,
    follows: null,
    resource: { 'prefect.resource.id': 'prefect.automation.other', 'ostinato.automation.chain': 'first own' },
    related: [],
    payload: '{"n":1.0}',
  };
  const { labels, payload, related } = firingEvent(firing('Triggered', event), NOW);
  assert.equal(labels?.['ostinato.automation.chain'], 'first other');
  assert.match(payload ?? '', /"payload":\{"n":1\.0\}/);
  assert.deepEqual(related, [
    { 'prefect.resource.id': 'prefect.event.event', 'prefect.resource.role': 'triggering-event' },
  ]);
  const changed = firingEvent(firing('Triggered', { ...event, name: 'prefect.automation.updated' }), NOW);
  assert.equal(changed.labels?.['ostinato.automation.chain'], undefined);
});

test('all actions are ordered, then those for the state', () => {
  const ordered = (state: 'Triggered' | 'Resolved') =>
    ordersOf(firing(state), hash).map(({ index, action }) => `${index} ${action}`);
  assert.deepEqual(ordered('Triggered'), ['0 {"type":"a","n":1.0}', '1 {"type":"b"}']);
  assert.deepEqual(ordered('Resolved'), ['0 {"type":"a","n":1.0}', '1 {"type":"c"}', '2 {"type":"d"}']);
  assert.equal(firingEvent(firing('Resolved'), NOW).name, 'prefect.automation.resolved');
});
