/** `deployment inspect` shows all that a deployment can be given. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Deployment } from '../contract/deployment.ts';
import { DeploymentSchedule } from '../contract/deployment-schedule.ts';
import { DEPLOYMENT_FIELDS, deploymentFacts, SCHEDULE_FIELDS } from './deployment-facts.ts';

const ID = '01a2057b-8e74-7000-8a77-b1dcdd57a659';
const AT = '2026-11-22T09:00:00Z';
const LATER = '2026-12-22T09:00:00Z';
const person = (name: string) => ({ id: ID, type: 'USER', display_value: name });

const SCHEDULE: DeploymentSchedule = {
  id: ID,
  created: AT,
  updated: AT,
  deployment_id: ID,
  schedule: { cron: '0 9 * * 1', timezone: 'UTC', day_or: true },
  active: true,
  max_scheduled_runs: null,
  parameters: {},
  slug: 'weekly',
};
const PLAIN: Deployment = {
  id: ID,
  created: AT,
  updated: AT,
  name: 'nightly',
  version: null,
  description: null,
  flow_id: ID,
  paused: false,
  schedules: [SCHEDULE],
  concurrency_limit: null,
  global_concurrency_limit: null,
  concurrency_options: null,
  job_variables: {},
  parameters: {},
  tags: [],
  labels: {},
  work_queue_name: null,
  work_queue_id: null,
  work_pool_name: null,
  last_polled: null,
  parameter_openapi_schema: null,
  path: null,
  pull_steps: null,
  entrypoint: null,
  storage_document_id: null,
  infrastructure_document_id: null,
  created_by: null,
  updated_by: null,
  status: 'NOT_READY',
  enforce_parameter_schema: false,
};
const LIMIT = {
  id: ID,
  created: AT,
  updated: AT,
  active: true,
  name: 'l',
  limit: 3,
  active_slots: 2,
  slot_decay_per_second: 0,
};
/** Something else, for each field that is shown; and what is to be seen of it. */
const SAID: Readonly<Partial<Record<keyof Deployment, readonly [value: unknown, seen: RegExp]>>> = {
  id: ['01a2057b-8e74-7000-8a77-b1dcdd57a65a', /a65a/],
  name: ['hourly', /sales\/hourly/],
  description: ['by night', /by night/],
  entrypoint: ['flows.ts:sales', /flows\.ts:sales/],
  path: ['/srv', /\/srv/],
  pull_steps: [[{ git_clone: { repository: 'r' } }], /git_clone/],
  storage_document_id: [ID, /storage block/],
  version: ['v7', /v7/],
  parameters: [{ region: 'eu' }, /parameters \{"region":"eu"\}/],
  parameter_openapi_schema: [{ properties: { day: { type: 'string' } }, required: ['day'] }, /takes \{ day: string \}/],
  enforce_parameter_schema: [true, /are refused/],
  schedules: [[], /^(?!.*schedule 0 9)/s],
  paused: [true, /make no runs/],
  work_pool_name: ['local', /work pool local/],
  work_queue_name: ['urgent', /work queue urgent/],
  job_variables: [{ image: 'node' }, /job variables \{"image":"node"\}/],
  infrastructure_document_id: [ID, /infrastructure/],
  global_concurrency_limit: [LIMIT, /limit 3, 2 of them taken/],
  concurrency_options: [
    { collision_strategy: 'CANCEL_NEW', grace_period_seconds: 90, key: 'parameters.customer' },
    /a run is cancelled; it has 1 min 30 s to start.*concurrency key parameters\.customer/s,
  ],
  on_crash: ['resume', /on crash resume/],
  tags: [['etl', 'daily'], /etl, daily/],
  labels: [{ team: 'core' }, /team/],
  status: ['READY', /a worker asks/],
  last_polled: [AT, /last asked for 2026/],
  created: [LATER, /created 2026-12/],
  updated: [LATER, /updated 2026-12/],
};
const SAID_OF_SCHEDULE: Readonly<Partial<Record<keyof DeploymentSchedule, readonly [value: unknown, seen: RegExp]>>> = {
  schedule: [{ cron: '0 9 1 * 1', timezone: 'Europe/Berlin', day_or: false }, /1 \* 1, Europe\/Berlin, both days/],
  active: [false, /paused/],
  parameters: [{ region: 'us' }, /parameters: \{"region":"us"\}/],
  max_scheduled_runs: [4, /at most 4 runs ahead/],
  catch_up: ['latest', /catch_up: latest/],
};

const shown = (plain: Deployment): string =>
  deploymentFacts({ plain, exact: plain, flowName: 'sales' })
    .map(([name, value]) => `${name} ${value}`)
    .join('\n');

test('every field of a deployment is shown, or is left out for a reason', () => {
  assert.deepEqual(Object.keys(DEPLOYMENT_FIELDS).sort(), Object.keys(Deployment.properties).sort());
  const before = shown(PLAIN);
  for (const [field, words] of Object.entries(DEPLOYMENT_FIELDS)) {
    if (typeof words !== 'function') {
      assert.ok(words.because.length > 0, field);
      continue;
    }
    const said = SAID[field as keyof Deployment];
    assert.ok(said, `${field} has something to be seen`);
    const after = shown({ ...PLAIN, [field]: said[0] });
    assert.notEqual(after, before, field);
    assert.match(after, said[1], field);
  }
});

test('what is told with another field is told there', () => {
  assert.match(shown({ ...PLAIN, created_by: person('anna') }), /created .* by anna/);
  assert.match(shown({ ...PLAIN, updated_by: person('bert') }), /updated .* by bert/);
  const pause = { by: 'anna@barn', program: null, at: AT };
  assert.match(shown({ ...PLAIN, paused: true, paused_by: pause }), /yes, since 2026.* by anna@barn/);
  const options = { collision_strategy: 'ENQUEUE', cancels_old: true } as const;
  assert.match(shown({ ...PLAIN, concurrency_options: options }), /without a slot a run cancels the oldest/);
  const rules = { max_lateness: 60, overlap: 'skip', jitter: 5, start: AT, end: LATER, exclusions: [] } as const;
  for (const word of ['max_lateness: 1 min', 'overlap: skip', 'jitter: 5 s', `start: ${AT}`, `end: ${LATER}`])
    assert.ok(shown({ ...PLAIN, schedules: [{ ...SCHEDULE, ...rules, exclusions: [] }] }).includes(word), word);
});

test('every field of a schedule is shown, or is left out for a reason', () => {
  assert.deepEqual(Object.keys(SCHEDULE_FIELDS).sort(), Object.keys(DeploymentSchedule.properties).sort());
  for (const [field, words] of Object.entries(SCHEDULE_FIELDS)) {
    if (typeof words !== 'function') continue;
    const said = SAID_OF_SCHEDULE[field as keyof DeploymentSchedule];
    assert.ok(said, `${field} has something to be seen`);
    assert.match(shown({ ...PLAIN, schedules: [{ ...SCHEDULE, [field]: said[0] }] }), said[1], field);
  }
});
