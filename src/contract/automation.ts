/** Automations on the wire: what one is, how lists of them are narrowed and ordered, and the routes. */

import type { Automation as CoreAutomation } from '../core/automation.ts';
import { formatInstant } from '../core/time.ts';
import { criterion, filter } from './filter/filter.ts';
import { anyOf, hasAll, hasAny, isEmptyList, notAfter } from './filter/leaf.ts';
import { BY_AGE, BY_NAME, sorts } from './filter/sort.ts';
import { DOCUMENT_BODY } from './json-bounds.ts';
import { Action, Limit, Maybe, Offset, Parts, UuidIn, type RouteContract } from './route.ts';
import { Count, DateTime, EXACT, JsonObject, Json, Tags, Uuid } from './schema/scalars.ts';
import { Type, type Static } from './type.ts';
import { rawJson } from './wire-json.ts';

const TRIGGER_WORDS = {
  description:
    'One of: event {match, match_related, after, expect, for_each, posture, threshold, within}, metric {match, ' +
    'match_related, metric: {name, operator, threshold, range, firing_for}}, compound {triggers, within, require}, ' +
    'sequence {triggers, within}. An event trigger with time_in_state {states, for, longer_than: {percentile, ' +
    'times, of, runs, runs_min}} fires when a flow run is in one of the states for longer. Lengths of time are in ' +
    'seconds.',
};
const ACTION_WORDS = {
  description:
    'By its type: do-nothing, run-deployment, pause-deployment, resume-deployment, cancel-flow-run, ' +
    'suspend-flow-run, resume-flow-run, delete-flow-run, change-flow-run-state, pause-work-pool, resume-work-pool, ' +
    'pause-work-queue, resume-work-queue, pause-automation, resume-automation, send-notification, call-webhook.',
};

const TriggerOut = Type.Unsafe<Record<string, unknown>>({ ...JsonObject, ...TRIGGER_WORDS });
const ActionsOut = Type.Array(Type.Unsafe<Record<string, unknown>>({ ...JsonObject, ...ACTION_WORDS }));

export const Automation = Type.Object(
  {
    id: Uuid,
    created: DateTime,
    updated: DateTime,
    name: Type.String(),
    description: Type.String(),
    enabled: Type.Boolean(),
    tags: Tags,
    trigger: TriggerOut,
    actions: ActionsOut,
    actions_on_trigger: ActionsOut,
    actions_on_resolve: ActionsOut,
  },
  EXACT,
);
export type Automation = Static<typeof Automation>;

export function encodeAutomation(automation: CoreAutomation): Automation {
  const { id, name, description, isEnabled, tags, trigger, actions, createdAt, updatedAt } = automation;
  return {
    id,
    created: formatInstant(createdAt),
    updated: formatInstant(updatedAt),
    name,
    description,
    enabled: isEnabled,
    tags: [...tags],
    trigger: rawJson(trigger),
    actions: rawJson(actions.always),
    actions_on_trigger: rawJson(actions.onTrigger),
    actions_on_resolve: rawJson(actions.onResolve),
  };
}

export const automationFilter = filter('AutomationFilter', {
  id: criterion({ any_: anyOf('id', UuidIn) }),
  name: criterion({ any_: anyOf('name') }),
  created: criterion({ before_: notAfter('createdAt') }),
  tags: criterion({ all_: hasAll('tags'), any_: hasAny('tags'), is_null_: isEmptyList('tags') }, { operator: true }),
});
export const automationSorts = sorts('NAME_ASC', { ...BY_AGE, ...BY_NAME });

/** Triggers and actions are read by `decode/automation.ts`, which says what is wrong of each kind. */
export const AUTOMATION_FIELDS = {
  name: Type.String(),
  description: Type.Optional(Type.String()),
  enabled: Type.Optional(Type.Boolean()),
  tags: Type.Optional(Type.Array(Type.String())),
  trigger: Type.Unsafe<unknown>({ ...Json, ...TRIGGER_WORDS }),
  actions: Type.Array(Type.Unsafe<unknown>({ ...Json, ...ACTION_WORDS })),
  actions_on_trigger: Type.Optional(Type.Array(Json)),
  actions_on_resolve: Type.Optional(Type.Array(Json)),
};
const AutomationsCount = Parts({ automations: Maybe(automationFilter.schema) });
const tag = 'Automations';
const params = { resource_id: Type.String() };

export const CREATE_AUTOMATION = {
  method: 'POST',
  path: '/automations/',
  name: 'create_automation',
  tag,
  summary: 'Create an automation',
  body: Action({ ...AUTOMATION_FIELDS, owner_resource: Maybe(Type.String()) }),
  bodyLimits: DOCUMENT_BODY,
  answers: { 201: Automation },
} as const satisfies RouteContract;

export const LIST_AUTOMATIONS = {
  method: 'POST',
  path: '/automations/filter',
  name: 'read_automations',
  tag,
  summary: 'List automations',
  body: Parts({ ...AutomationsCount.properties, sort: automationSorts.schema, limit: Limit, offset: Offset }),
  isBodyOptional: true,
  answers: { 200: Type.Array(Automation) },
} as const satisfies RouteContract;

export const COUNT_AUTOMATIONS = {
  method: 'POST',
  path: '/automations/count',
  name: 'count_automations',
  tag,
  summary: 'Count automations',
  body: AutomationsCount,
  isBodyOptional: true,
  answers: { 200: Count },
} as const satisfies RouteContract;

export const READ_AUTOMATION = {
  method: 'GET',
  path: '/automations/{id}',
  name: 'read_automation',
  tag,
  summary: 'Read an automation',
  answers: { 200: Automation },
} as const satisfies RouteContract;

export const REPLACE_AUTOMATION = {
  method: 'PUT',
  path: '/automations/{id}',
  name: 'update_automation',
  tag,
  summary: 'Replace an automation; what is left out stays',
  body: Action(AUTOMATION_FIELDS),
  bodyLimits: DOCUMENT_BODY,
  answers: { 204: null },
} as const satisfies RouteContract;

export const SWITCH_AUTOMATION = {
  method: 'PATCH',
  path: '/automations/{id}',
  name: 'patch_automation',
  tag,
  summary: 'Switch an automation on or off',
  body: Action({ enabled: Type.Optional(Type.Boolean()) }),
  answers: { 204: null },
} as const satisfies RouteContract;

export const DELETE_AUTOMATION = {
  method: 'DELETE',
  path: '/automations/{id}',
  name: 'delete_automation',
  tag,
  summary: 'Delete an automation',
  answers: { 204: null },
} as const satisfies RouteContract;

export const LIST_RELATED_AUTOMATIONS = {
  method: 'GET',
  path: '/automations/related-to/{resource_id}',
  name: 'read_automations_related_to_resource',
  tag,
  summary: 'Automations that are about a resource',
  params,
  answers: { 200: Type.Array(Automation) },
} as const satisfies RouteContract;

export const DELETE_OWNED_AUTOMATIONS = {
  method: 'DELETE',
  path: '/automations/owned-by/{resource_id}',
  name: 'delete_automations_owned_by_resource',
  tag,
  summary: 'Delete the automations that a resource has brought along',
  params,
  answers: { 202: null },
} as const satisfies RouteContract;
