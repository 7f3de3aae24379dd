/** A deployment as `deployment inspect` shows it: each field has its words here, or the reason why it has none. */

import { describe, describeSlots } from '../client/control/describe-schedule.ts';
import type { FoundDeployment } from '../client/control/find-deployment.ts';
import type { Deployment } from '../contract/deployment.ts';
import type { DeploymentSchedule } from '../contract/deployment-schedule.ts';
import { byWhom } from '../core/actor.ts';
import { showShort, timeOf } from './format.ts';
import { typeOfObject } from './typed-deployments/type-of-schema.ts';

type Fact = readonly [name: string, value: string];
/** What is shown of a field; beside it, nothing or one line may be there where nothing was said. */
type Words = (deployment: Deployment, flowName: string) => readonly Fact[];
export interface LeftOut {
  readonly because: string;
}

const FOR_PREFECT_2: LeftOut = { because: 'for clients of Prefect 2 alone' };

/** In the order in which they are shown. */
export const DEPLOYMENT_FIELDS: { readonly [Field in keyof Required<Deployment>]: Words | LeftOut } = {
  id: ({ id }) => [['id', id]],
  name: ({ name }, flowName) => [['name', `${flowName}/${name}`]],
  flow_id: { because: 'the name begins with that of the flow' },
  description: ({ description }) => [['description', description ?? '']],
  entrypoint: ({ entrypoint }) => [['entrypoint', entrypoint ?? '']],
  path: ({ path }) => [['path', path ?? '']],
  pull_steps: ({ pull_steps: steps }) => said('pull steps', jsonOf(steps)),
  storage_document_id: ({ storage_document_id: id }) => said('storage block', id),
  version: ({ version }) => [['version', version ?? '']],
  parameters: ({ parameters }) => [['parameters', JSON.stringify(parameters)]],
  parameter_openapi_schema: ({ parameter_openapi_schema: schema, parameters }) =>
    schema === null || Object.keys(schema).length === 0
      ? []
      : [['takes', typeOfObject(schema, schema, undefined, Object.keys(parameters)).replaceAll('readonly ', '')]],
  enforce_parameter_schema: ({ enforce_parameter_schema: isChecked }) => [
    ['checked', isChecked ? 'yes: parameters that do not fit are refused' : 'no: any parameters are taken'],
  ],
  schedules: ({ schedules }) => schedules.map((schedule) => ['schedule', scheduleWords(schedule)]),
  paused: ({ paused, paused_by: pause }) => [
    [
      'paused',
      paused
        ? `yes${pause === undefined ? '' : `, since ${timeOf(pause.at)}${byWhom(pause)}`}: its schedules make no runs`
        : 'no',
    ],
  ],
  paused_by: { because: '`paused` says it' },
  work_pool_name: ({ work_pool_name: name }) => [['work pool', name ?? '']],
  work_queue_name: ({ work_queue_name: name }) => [['work queue', name ?? '']],
  work_queue_id: { because: 'the queue has a name' },
  job_variables: ({ job_variables: given }) => said('job variables', jsonOf(given)),
  infrastructure_document_id: ({ infrastructure_document_id: id }) => said('infrastructure', id),
  global_concurrency_limit: ({ global_concurrency_limit: limit }) => [
    ['limit', limit === null ? 'none' : `${limit.limit}, ${limit.active_slots} of them taken`],
  ],
  concurrency_limit: { because: 'out of use: the limit is a global one' },
  concurrency_options: ({ concurrency_options: options }) => (options === null ? [] : collisionFacts(options)),
  on_crash: ({ on_crash: word = 'leave' }) => [['on crash', ON_CRASH[word]]],
  tags: ({ tags }) => [['tags', tags.join(', ')]],
  labels: ({ labels }) => said('labels', jsonOf(labels)),
  status: ({ status }) => [
    ['ready', status === 'READY' ? 'yes: a worker asks for its runs' : 'no worker asks for its runs'],
  ],
  last_polled: ({ last_polled: at }) => said('last asked for', at && timeOf(at)),
  created: ({ created, created_by: by }) => [['created', `${timeOf(created)}${personWords(by)}`]],
  created_by: { because: '`created` says it' },
  updated: ({ updated, updated_by: by }) => [['updated', `${timeOf(updated)}${personWords(by)}`]],
  updated_by: { because: '`updated` says it' },
  infra_overrides: FOR_PREFECT_2,
  is_schedule_active: FOR_PREFECT_2,
  manifest_path: FOR_PREFECT_2,
  schedule: FOR_PREFECT_2,
};

const ON_CRASH: Readonly<Record<NonNullable<Deployment['on_crash']>, string>> = {
  leave: 'leave: a run whose process was lost stays Crashed',
  resume: 'resume: a run whose process was lost goes on where it stood',
  retry: 'retry: for a run whose process was lost another one begins anew',
};

/** Of a schedule; each is part of its line. */
export const SCHEDULE_FIELDS: {
  readonly [Field in keyof Required<DeploymentSchedule>]: ((schedule: DeploymentSchedule) => string | null) | LeftOut;
} = {
  id: { because: '`deployment schedule ls` shows it' },
  created: { because: '`deployment schedule ls -o json` has it' },
  updated: { because: '`deployment schedule ls -o json` has it' },
  deployment_id: { because: 'it is that of the deployment' },
  schedule: ({ schedule, slug }) => `${describe(schedule)}${dayWords(schedule)}${slug === null ? '' : ` (${slug})`}`,
  slug: { because: 'it stands beside the times' },
  active: ({ active }) => (active ? null : 'paused'),
  parameters: ({ parameters }) => {
    const text = jsonOf(parameters);
    return text && `parameters: ${text}`;
  },
  max_scheduled_runs: ({ max_scheduled_runs: count }) => (count === null ? null : `at most ${count} runs ahead`),
  catch_up: (schedule) => describeSlots(schedule, showShort) || null,
  max_lateness: { because: '`catch_up` tells all of its slots' },
  overlap: { because: '`catch_up` tells all of its slots' },
  jitter: { because: '`catch_up` tells all of its slots' },
  start: { because: '`catch_up` tells all of its slots' },
  end: { because: '`catch_up` tells all of its slots' },
  exclusions: { because: '`catch_up` tells all of its slots' },
};

export function deploymentFacts({ plain, flowName }: FoundDeployment): readonly Fact[] {
  return Object.values(DEPLOYMENT_FIELDS).flatMap((words) =>
    typeof words === 'function' ? words(plain, flowName) : [],
  );
}

function scheduleWords(schedule: DeploymentSchedule): string {
  const parts = Object.values(SCHEDULE_FIELDS).map((words) => (typeof words === 'function' ? words(schedule) : null));
  return parts.filter((part) => part !== null).join('; ');
}

/** Both a day of the month and one of the week have to be met. */
function dayWords(schedule: DeploymentSchedule['schedule']): string {
  return 'day_or' in schedule && !schedule.day_or ? ', both days' : '';
}

function collisionFacts({
  collision_strategy: strategy,
  cancels_old: cancelsOld,
  grace_period_seconds: grace,
  key,
}: NonNullable<Deployment['concurrency_options']>): readonly Fact[] {
  const word = cancelsOld === true ? 'cancels the oldest run that holds one' : COLLISIONS[strategy];
  const patience = grace === null || grace === undefined ? '' : `; it has ${showShort(grace)} to start`;
  return [['without a slot', `a run ${word}${patience}`], ...said('concurrency key', key)];
}

const COLLISIONS = { ENQUEUE: 'waits', CANCEL_NEW: 'is cancelled' } as const;

function personWords(person: Deployment['created_by']): string {
  const name = person?.display_value ?? person?.id ?? null;
  return name === null ? '' : ` by ${name}`;
}

/** JSON in a line; `null` where it is empty. A server of Prefect says `null` of some. */
function jsonOf(value: object | null): string | null {
  return value === null || Object.keys(value).length === 0 ? null : JSON.stringify(value);
}

function said(name: string, value: string | null | undefined): readonly Fact[] {
  return value === null || value === undefined || value === '' ? [] : [[name, value]];
}
