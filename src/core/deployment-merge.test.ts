/** The merge, case by case: what was applied last, what is there, what is to be. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { DefinitionTexts, StatedSchedule } from './deployment-definition.ts';
import { mergeDeployment, type Merge } from './deployment-merge.ts';
import type { DeploymentSchedule } from './deployment.ts';
import type { DeploymentId, DeploymentScheduleId } from './ids.ts';
import type { Instant } from './time.ts';

interface Case {
  /** What the file said when it was applied last, and what came of it. */
  readonly last?: { readonly said: DefinitionTexts; readonly became?: DefinitionTexts };
  readonly now: DefinitionTexts;
  readonly wanted: DefinitionTexts;
  readonly isForced?: boolean;
}

function fieldsOf({ last, now, wanted, isForced = false }: Case): Merge {
  return mergeDeployment({
    last:
      last === undefined
        ? null
        : { said: { fields: last.said, schedules: null }, became: { fields: last.became ?? last.said, schedules: [] } },
    current: { fields: now, schedules: [] },
    wanted: { fields: wanted, schedules: null },
    isForced,
  });
}

const told = ({ changes }: Merge): readonly string[] => changes.map(({ path, how }) => `${path} ${how}`);

test('what the file does not say stays, and is told where somebody has changed it', () => {
  const merge = fieldsOf({ last: { said: { tags: '["a"]' } }, now: { tags: '["b"]' }, wanted: {} });
  assert.deepEqual([merge.fields, told(merge)], [{}, ['tags kept']]);
  assert.deepEqual(told(fieldsOf({ now: { tags: '["b"]' }, wanted: {} })), []);
});

test('what the file has changed is set, where nobody else has', () => {
  const merge = fieldsOf({ last: { said: { tags: '["a"]' } }, now: { tags: '["a"]' }, wanted: { tags: '["c"]' } });
  assert.deepEqual([merge.fields, told(merge)], [{ tags: '["c"]' }, ['tags set']]);
});

test('what somebody has changed stays while the file says the same as last time; a forced merge takes it back', () => {
  const given = { last: { said: { tags: '["a"]' } }, now: { tags: '["b"]' }, wanted: { tags: '["a"]' } };
  assert.deepEqual([fieldsOf(given).fields, told(fieldsOf(given))], [{}, ['tags kept']]);
  assert.deepEqual(fieldsOf({ ...given, isForced: true }).fields, { tags: '["a"]' });
});

test('what both have changed is a conflict; to the same, it is none; a forced merge takes the file', () => {
  const given = { last: { said: { tags: '["a"]' } }, now: { tags: '["b"]' }, wanted: { tags: '["c"]' } };
  assert.deepEqual([fieldsOf(given).fields, told(fieldsOf(given))], [{}, ['tags conflict']]);
  assert.deepEqual(fieldsOf({ ...given, isForced: true }).fields, { tags: '["c"]' });
  assert.deepEqual(told(fieldsOf({ ...given, wanted: { tags: '["b"]' } })), []);
});

test('a deployment that was never applied takes what the file says', () => {
  assert.deepEqual(fieldsOf({ now: { tags: '["b"]' }, wanted: { tags: '["c"]' } }).fields, { tags: '["c"]' });
});

test('what the server has made of the file is not said again; the order of members is nothing', () => {
  const looked = { said: { parameters: '{"a":{"__prefect_kind":"x"}}' }, became: { parameters: '{"a":1}' } };
  assert.deepEqual(told(fieldsOf({ last: looked, now: looked.became, wanted: looked.said })), []);
  const turned = { now: { parameters: '{"a":1,"b":2.0}' }, wanted: { parameters: '{"b":2.0,"a":1}' } };
  assert.deepEqual(told(fieldsOf(turned)), []);
});

function schedule(cron: string, fields: Partial<DeploymentSchedule> = {}): DeploymentSchedule {
  const at = 0 as Instant;
  return {
    id: cron as DeploymentScheduleId,
    deploymentId: 'd' as DeploymentId,
    schedule: { kind: 'cron', cron, timezone: 'UTC', dayOr: true },
    active: true,
    maxScheduledRuns: null,
    parameters: '{}',
    slug: null,
    createdAt: at,
    updatedAt: at,
    scheduledThrough: null,
    dueAt: null,
    settledThrough: null,
    heldSince: null,
    policy: null,
    rules: null,
    ...fields,
  };
}

function said(cron: string, fields: Partial<StatedSchedule> = {}): StatedSchedule {
  const times = { kind: 'cron', cron, timezone: null, dayOr: true } as const;
  return { slug: null, schedule: times, saysAnchor: false, saysZone: false, ...fields };
}

function schedulesOf(
  before: readonly StatedSchedule[] | null,
  there: readonly DeploymentSchedule[],
  wanted: readonly StatedSchedule[] | null,
  isForced = false,
): Merge {
  const became = (before ?? []).map(({ slug, schedule: times }) => ({
    slug,
    schedule: { ...times, timezone: 'UTC' },
    saysAnchor: true,
    saysZone: true,
    active: true,
    parameters: '{}',
  }));
  return mergeDeployment({
    last:
      before === null ? null : { said: { fields: {}, schedules: before }, became: { fields: {}, schedules: became } },
    current: { fields: {}, schedules: there },
    wanted: { fields: {}, schedules: wanted },
    isForced,
  });
}

test('a schedule that was paused by hand stays paused, whether the file says that it is active or nothing', () => {
  for (const active of [undefined, true]) {
    const entry = said('0 9 * * *', { active });
    const merge = schedulesOf([entry], [schedule('0 9 * * *', { active: false })], [entry]);
    assert.deepEqual([merge.changed, told(merge)], [[], ['schedules.0 9 * * *.active kept']]);
  }
  const entry = said('0 9 * * *', { active: true });
  const forced = schedulesOf([entry], [schedule('0 9 * * *', { active: false })], [entry], true);
  assert.deepEqual(forced.changed, [{ id: '0 9 * * *', active: true }]);
});

test('schedules come and go with the file; what somebody has added stays, what somebody has taken away stays away', () => {
  const [nine, ten] = [said('0 9 * * *'), said('0 10 * * *')];
  const there = [schedule('0 9 * * *'), schedule('0 12 * * *')];
  const merge = schedulesOf([nine], there, [ten]);
  assert.deepEqual([merge.added, merge.removed], [[ten], ['0 9 * * *']]);
  assert.deepEqual(told(merge).toSorted(), [
    'schedules.0 10 * * * set',
    'schedules.0 12 * * * kept',
    'schedules.0 9 * * * set',
  ]);
  const away = schedulesOf([nine], [], [nine]);
  assert.deepEqual([away.added, told(away)], [[], ['schedules.0 9 * * * kept']]);
  assert.deepEqual(schedulesOf([nine], [], [nine], true).added, [nine]);
  assert.deepEqual(schedulesOf([nine], there, [nine], true).removed, ['0 12 * * *']);
});

test('an empty list takes all schedules away; none at all leaves them', () => {
  const there = [schedule('0 9 * * *'), schedule('0 12 * * *')];
  assert.deepEqual(schedulesOf([said('0 9 * * *')], there, []).removed, ['0 9 * * *', '0 12 * * *']);
  assert.deepEqual(schedulesOf([said('0 9 * * *')], there, null).removed, []);
});

test('a schedule with a slug may get other times, unless somebody has given it others', () => {
  const entry = (cron: string): StatedSchedule => said(cron, { slug: 'daily' });
  const there = (cron: string): DeploymentSchedule =>
    schedule(cron, { slug: 'daily', id: 'd1' as DeploymentScheduleId });
  const merge = schedulesOf([entry('0 9 * * *')], [there('0 9 * * *')], [entry('0 10 * * *')]);
  assert.deepEqual(merge.changed, [{ id: 'd1', schedule: entry('0 10 * * *').schedule }]);
  assert.deepEqual(told(schedulesOf([entry('0 9 * * *')], [there('0 11 * * *')], [entry('0 10 * * *')])), [
    'schedules.daily.times conflict',
  ]);
  assert.deepEqual(told(schedulesOf([entry('0 9 * * *')], [there('0 11 * * *')], [entry('0 9 * * *')])), [
    'schedules.daily.times kept',
  ]);
});
