/** What our own pages ask for of automations, a request a page, and what a trigger would look at. */

import { ActionReceipt } from '../action-receipt.ts';
import { Automation, automationSorts } from '../automation.ts';
import { DOCUMENT_BODY } from '../json-bounds.ts';
import { Action, Limit, Maybe, Offset, Parts, type RouteContract } from '../route.ts';
import { Count, DateTime, Json, Nullable, Uuid } from '../schema/scalars.ts';
import { Type, type Static } from '../type.ts';

const tag = 'Pages';
const NAME_CHARACTERS_MAX = 500;

export const AutomationRow = Type.Object({
  id: Uuid,
  name: Type.String(),
  description: Type.String(),
  enabled: Type.Boolean(),
  tags: Type.Array(Type.String()),
  /** In words, for instance `each time a flow run fails`; cut off behind 300 characters. */
  trigger: Type.String(),
  /** Each in words. */
  actions: Type.Array(Type.String()),
  /** `null`: not within the time that events are kept. */
  fired_at: Nullable(DateTime),
  /** Of the last 24 hours. */
  firing_count: Count,
  /** Actions of the last 24 hours that were refused, or failed. */
  failure_count: Count,
});
export type AutomationRow = Static<typeof AutomationRow>;

export const UI_AUTOMATIONS_PAGE = {
  method: 'POST',
  path: '/ui/pages/automations',
  name: 'read_automations_page',
  tag,
  summary: 'The page of automations: each in words, when it fired last, how its actions of the last day went',
  body: Parts({
    /** A part of their names. */
    name: Maybe(Type.String({ maxLength: NAME_CHARACTERS_MAX })),
    enabled: Maybe(Type.Boolean()),
    sort: automationSorts.schema,
    limit: Limit,
    offset: Offset,
  }),
  answers: {
    200: Type.Object({
      as_of: DateTime,
      automations: Type.Array(AutomationRow),
      /** Of all that are asked for. */
      count: Count,
      /** Whether there is any automation at all. */
      has_automations: Type.Boolean(),
    }),
  },
} as const satisfies RouteContract;

/** An event as a line of a page shows it. */
export const EventMention = Type.Object({
  id: Uuid,
  event: Type.String(),
  occurred: DateTime,
  resource_id: Type.String(),
  resource_name: Nullable(Type.String()),
});
export type EventMention = Static<typeof EventMention>;

/** What is said of one trigger; those in it follow, one level deeper. */
const TriggerLine = Type.Object({ depth: Count, text: Type.String() });

const TargetKind = Type.Union(
  ['deployment', 'work-pool', 'work-queue', 'automation', 'block-document'].map((kind) => Type.Literal(kind)),
);
const ActionLine = Type.Object({
  on: Type.Union([Type.Literal('always'), Type.Literal('trigger'), Type.Literal('resolve')]),
  text: Type.String(),
  /** What it is done to; `null`: what the event is about, or nothing. `name` is `null` when it is gone. */
  target: Nullable(Type.Object({ kind: TargetKind, id: Type.String(), name: Nullable(Type.String()) })),
});

const Firing = Type.Object({
  id: Uuid,
  at: DateTime,
  state: Type.Union([Type.Literal('Triggered'), Type.Literal('Resolved')]),
  /** What it was counted by. */
  labels: Type.Record(Type.String(), Type.String()),
  /** `null`: by the passing of time. */
  event: Nullable(EventMention),
  /** In the order of the actions; kept for a week. */
  receipts: Type.Array(ActionReceipt),
});
export type Firing = Static<typeof Firing>;

export const UI_AUTOMATION_PAGE = {
  method: 'GET',
  path: '/ui/pages/automations/{id}',
  name: 'read_automation_page',
  tag,
  summary: 'An automation: its trigger and actions in words, its newest firings with the receipts of each',
  answers: {
    200: Type.Object({
      as_of: DateTime,
      automation: Automation,
      trigger: Type.Array(TriggerLine),
      actions: Type.Array(ActionLine),
      /** The newest 20. */
      firings: Type.Array(Firing),
      /** Of the last 24 hours, and of those that are kept. */
      firing_count_day: Count,
      firing_count: Count,
      /** Why the server has switched it off; `null`: it has not. */
      stopped: Nullable(Type.Object({ at: DateTime, reason: Type.String() })),
    }),
  },
} as const satisfies RouteContract;

export const UI_TRIGGER_MATCHES = {
  method: 'POST',
  path: '/ui/automations/matches',
  name: 'count_trigger_matches',
  tag,
  summary: 'A trigger in words, and how many of the events of the last 7 days each event trigger in it looks at',
  body: Action({ trigger: Type.Unsafe<unknown>(Json) }),
  bodyLimits: DOCUMENT_BODY,
  answers: {
    200: Type.Object({
      words: Type.Array(TriggerLine),
      /** Of each event trigger, in their order. */
      matches: Type.Array(Type.Object({ count: Count, newest: Nullable(EventMention) })),
    }),
  },
} as const satisfies RouteContract;

export const UI_AUTOMATION_CHOICES = {
  method: 'GET',
  path: '/ui/automations/choices',
  name: 'read_automation_choices',
  tag,
  summary: 'What the actions of an automation can be done to, by name: at most 200 of each kind',
  answers: {
    200: Type.Object({
      choices: Type.Array(
        Type.Object({
          kind: TargetKind,
          id: Uuid,
          name: Type.String(),
          /** Of a block: what it can do, `notify` for instance, and the slug of its type. */
          capabilities: Type.Array(Type.String()),
          type: Nullable(Type.String()),
        }),
      ),
    }),
  },
} as const satisfies RouteContract;
