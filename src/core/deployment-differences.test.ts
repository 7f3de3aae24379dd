import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { DeploymentDocument, StatedSchedule } from './deployment-definition.ts';
import { differencesBetween } from './deployment-differences.ts';

const daily = (more: Partial<StatedSchedule> = {}): StatedSchedule => ({
  slug: 'daily',
  schedule: { kind: 'cron', cron: '0 9 * * *', timezone: 'UTC', dayOr: true },
  saysAnchor: true,
  saysZone: true,
  active: true,
  parameters: '{}',
  ...more,
});

const one: DeploymentDocument = { fields: { tags: '["a"]', parameters: '{"x":1.0,"y":2}' }, schedules: [daily()] };

test('the same is no difference, whatever the order of members', () => {
  assert.deepEqual(differencesBetween(one, one), []);
  const turned = { ...one, fields: { ...one.fields, parameters: '{"y":2,"x":1.0}' } };
  assert.deepEqual(differencesBetween(one, turned), []);
});

test('fields, and schedules by their name: changed, new, gone', () => {
  const noon = daily({ slug: 'noon', schedule: { kind: 'cron', cron: '0 12 * * *', timezone: 'UTC', dayOr: true } });
  const two = { fields: { ...one.fields, tags: '["b"]' }, schedules: [daily({ active: false }), noon] };
  assert.deepEqual(
    differencesBetween(one, two).map(({ path, from, to }) => [path, from, to === null ? null : JSON.parse(to)]),
    [
      ['tags', '["a"]', ['b']],
      ['schedules.daily.active', 'true', false],
      [
        'schedules.noon',
        null,
        { cron: '0 12 * * *', dayOr: true, timezone: 'UTC', slug: 'noon', active: true, parameters: '{}' },
      ],
    ],
  );
  assert.deepEqual(
    differencesBetween(two, one).map(({ path, to }) => [path, to === null]),
    [
      ['tags', false],
      ['schedules.daily.active', false],
      ['schedules.noon', true],
    ],
  );
  assert.deepEqual(
    differencesBetween(one, { ...one, schedules: [] }).map(({ path }) => path),
    ['schedules.daily'],
  );
});
