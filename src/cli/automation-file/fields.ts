/** The fields of an automation in a file: those that the API takes, and those that it answers with. */

import { Action, Maybe } from '../../contract/route.ts';
import { Json } from '../../contract/schema/scalars.ts';
import { Type } from '../../contract/type.ts';
import type { FieldWords } from '../deployment-file/fields.ts';

const Answered = Type.Optional(Type.Unknown());

/** Triggers and actions are looked at by what each of them is. */
export const AutomationFields = Action({
  name: Type.String({ minLength: 1 }),
  description: Maybe(Type.String()),
  enabled: Type.Optional(Type.Boolean()),
  tags: Type.Optional(Type.Array(Type.String())),
  trigger: Type.Unsafe<unknown>({ ...Json }),
  actions: Type.Array(Type.Unknown()),
  actions_on_trigger: Type.Optional(Type.Array(Type.Unknown())),
  actions_on_resolve: Type.Optional(Type.Array(Type.Unknown())),
  id: Answered,
  created: Answered,
  updated: Answered,
  owner_resource: Answered,
});

/** What stands in files that were made of the API's answers, and says nothing. */
export const ANSWERED = ['id', 'created', 'updated', 'owner_resource'] as const;

export const AUTOMATION_WORDS: Readonly<Record<string, Omit<FieldWords, 'about'>>> = {
  name: { must: 'a text that is not empty', example: 'name: clean up after a failure' },
  description: { must: 'a text', example: 'description: Starts the clean-up' },
  enabled: { must: 'true or false', example: 'enabled: true' },
  tags: { must: 'a list of texts', example: 'tags: [sales]' },
  trigger: {
    must: 'fields',
    example: 'trigger: { type: event, posture: Reactive, expect: [prefect.flow-run.Failed] }',
  },
  actions: { must: 'a list of actions', example: 'actions: [{ type: run-deployment, deployment: sales/clean-up }]' },
  actions_on_trigger: { must: 'a list of actions', example: 'actions_on_trigger: [{ type: do-nothing }]' },
  actions_on_resolve: { must: 'a list of actions', example: 'actions_on_resolve: [{ type: do-nothing }]' },
};

/** Of triggers and actions. */
export const PART_EXAMPLES: Readonly<Record<string, string>> = {
  match: 'match: { prefect.resource.id: prefect.flow-run.* }',
  match_related: 'match_related: { prefect.resource.role: flow, prefect.resource.name: sales }',
  after: 'after: [prefect.flow-run.Running]',
  expect: 'expect: [prefect.flow-run.Failed]',
  for_each: 'for_each: [prefect.resource.id]',
  posture: 'posture: Reactive',
  threshold: 'threshold: 1',
  within: 'within: 60',
  require: 'require: all',
  triggers: 'triggers: [{ type: event, expect: [prefect.flow-run.Failed] }]',
  source: 'source: selected',
  parameters: 'parameters: { run_id: "{{ flow_run.id }}" }',
  job_variables: 'job_variables: { env: { LEVEL: debug } }',
  schedule_after: 'schedule_after: 60',
  state: 'state: FAILED',
  body: 'body: "{{ flow_run.name }} failed"',
  payload: 'payload: \'{"text": "{{ event.event }}"}\'',
};
