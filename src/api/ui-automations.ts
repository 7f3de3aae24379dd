/** What our own pages ask for of automations: see `contract/routes/ui-automations.ts`. */

import { encodeActionRecord } from '../contract/action-receipt.ts';
import { automationSorts, encodeAutomation } from '../contract/automation.ts';
import { readAutomation } from '../contract/decode/automation.ts';
import { eventFilter } from '../contract/decode/event-filter.ts';
import {
  UI_AUTOMATION_CHOICES,
  UI_AUTOMATION_PAGE,
  UI_AUTOMATIONS_PAGE,
  UI_TRIGGER_MATCHES,
  type EventMention,
  type Firing,
} from '../contract/routes/ui-automations.ts';
import type { ActionRecord } from '../core/action-receipt.ts';
import type { Automation, AutomationId } from '../core/automation.ts';
import type { LabelMatch } from '../core/automations/label-match.ts';
import { placedTriggers, readTrigger, type SingleTrigger } from '../core/automations/trigger.ts';
import { RESOURCE_ID, RESOURCE_NAME, type Event } from '../core/event.ts';
import { allOf, EVERYTHING, type Condition } from '../core/query.ts';
import { addSeconds, formatInstant, type Instant } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { InvalidBody } from './failures.ts';
import { queryOf } from './lists.ts';
import { found, ok, operation, type Operation } from './operation.ts';
import { actionLines, namesOf, shortTrigger, targetNames, triggerLines } from './ui-automation-words.ts';
import type { PageParts } from './ui-rows.ts';

const DAY_SECONDS = 86_400;
const FIRINGS_SHOWN = 20;
/** More actions than these belong to no twenty firings that anybody reads. */
const RECEIPTS_READ = 200;
const CHOICES_MAX = 200;

const HAS_FIRED: Condition = {
  op: 'in',
  field: 'name',
  values: ['prefect.automation.triggered', 'prefect.automation.resolved'],
};

export function uiAutomationPageOperations(parts: PageParts): readonly Operation[] {
  return [...pages(parts), ...forms(parts)];
}

function pages({ useCases, clock }: PageParts): readonly Operation[] {
  return [
    operation(UI_AUTOMATIONS_PAGE, async ({ body }) => {
      const now = clock.now();
      const where = allOf([
        ...(body.name ? [{ op: 'contains', field: 'name', text: body.name } as const] : []),
        ...(typeof body.enabled === 'boolean' ? [{ op: 'eq', field: 'isEnabled', value: body.enabled } as const] : []),
      ]);
      const listed = await useCases.find('automation', queryOf(where, automationSorts.of(body.sort), body));
      const count = await useCases.count('automation', where);
      const names = await targetNames(useCases, listed);
      const day = await lastDay(useCases, listed, now);
      const automations: unknown[] = [];
      for (const one of listed) {
        const { id, name, description, isEnabled: enabled, tags } = one;
        const [newest] = await firingEvents(useCases, id, now, 1);
        automations.push({
          id,
          name,
          description,
          enabled,
          tags,
          trigger: shortTrigger(one.trigger),
          actions: actionLines(one, names).map(({ text }) => text),
          fired_at: newest === undefined ? null : formatInstant(newest.occurred),
          firing_count: day.firings.get(id) ?? 0,
          failure_count: day.failures.get(id) ?? 0,
        });
      }
      const hasAutomations = count > 0 || (await useCases.count('automation', EVERYTHING)) > 0;
      return ok({ as_of: formatInstant(now), automations, count, has_automations: hasAutomations });
    }),
    operation(UI_AUTOMATION_PAGE, async ({ params }) => {
      const now = clock.now();
      const id = params['id'] as AutomationId;
      const [row] = await useCases.find('automation', queryOf({ op: 'eq', field: 'id', value: id }, [], { limit: 1 }));
      const automation = found(row ?? null, 'Automation');
      const events = await firingEvents(useCases, id, now, FIRINGS_SHOWN);
      const records = await useCases.listActionRecords(id, RECEIPTS_READ);
      const count = (seconds?: number) => useCases.countEvents(firingsOf([id], now, seconds));
      return ok({
        as_of: formatInstant(now),
        automation: encodeAutomation(automation),
        trigger: triggerLines(automation.trigger),
        actions: actionLines(automation, await targetNames(useCases, [automation])),
        firings: events.map((event) => firingOf(event, records)),
        firing_count_day: await count(DAY_SECONDS),
        firing_count: await count(),
        stopped: automation.isEnabled ? null : await whyStopped(useCases, automation, now),
      });
    }),
  ];
}

function forms({ useCases, clock }: PageParts): readonly Operation[] {
  return [
    operation(UI_TRIGGER_MATCHES, async ({ body, exact }) => {
      const asked = { name: 'matches', actions: [] };
      const checked = readAutomation({ ...asked, ...body }, { ...asked, ...exact }, () => null);
      if (!checked.ok) throw InvalidBody.of(checked.problems);
      const text = JSON.stringify(checked.read.trigger);
      const trigger = readTrigger(text);
      const matches: unknown[] = [];
      for (const { trigger: one } of trigger === null ? [] : placedTriggers(trigger))
        matches.push(await matchesOf(useCases, one, clock.now()));
      return ok({ words: triggerLines(text), matches });
    }),
    operation(UI_AUTOMATION_CHOICES, async () => {
      const choices: unknown[] = [];
      for (const kind of ['deployment', 'work-pool', 'work-queue', 'automation'] as const)
        for (const { id, name } of await namesOf(useCases, kind, EVERYTHING, CHOICES_MAX))
          choices.push({ kind, id, name, capabilities: [], type: null });
      const blocks = await useCases.findBlockDocuments(
        queryOf({ op: 'eq', field: 'isAnonymous', value: false }, [], { limit: CHOICES_MAX }),
        false,
      );
      for (const { document, schema, type } of blocks)
        choices.push({
          kind: 'block-document',
          id: document.id,
          name: document.name,
          capabilities: schema?.capabilities ?? [],
          type: type?.slug ?? null,
        });
      return ok({ choices });
    }),
  ];
}

/** @param seconds up to now; default: as long as events are kept */
function firingsOf(ids: readonly string[], now: Instant, seconds?: number) {
  const { since, until } = eventFilter({}, now);
  return {
    since: seconds === undefined ? since : addSeconds(now, -seconds),
    until,
    where: allOf([HAS_FIRED, isAbout(ids)]),
    isDistinct: false,
    order: 'desc',
  } as const;
}

function isAbout(ids: readonly string[]): Condition {
  const values = ids.map((id) => `prefect.automation.${id}`);
  return { op: 'exists', noun: 'event_resource', by: 'own', where: { op: 'in', field: 'id', values } };
}

function firingEvents(useCases: UseCases, id: AutomationId, now: Instant, limit: number) {
  return useCases.findEvents({ filter: firingsOf([id], now), limit });
}

/** By id: how often each fired, and how many of its actions came to nothing. */
async function lastDay(useCases: UseCases, automations: readonly Automation[], now: Instant) {
  const ids = automations.map(({ id }) => id);
  const firings = new Map<string, number>();
  const failures = new Map<string, number>();
  if (ids.length === 0) return { firings, failures };
  for (const { value, count } of await useCases.countEventsBy(firingsOf(ids, now, DAY_SECONDS), { by: 'resource' }))
    firings.set(value.slice('prefect.automation.'.length), count);
  for (const { automationId, status, count } of await useCases.countActionRecords(ids, addSeconds(now, -DAY_SECONDS)))
    if (status !== 'done') failures.set(automationId, (failures.get(automationId) ?? 0) + count);
  return { firings, failures };
}

interface FiringPayload {
  readonly triggering_labels?: Readonly<Record<string, string>>;
  readonly triggering_event?: {
    readonly id: string;
    readonly event: string;
    readonly occurred: string;
    readonly resource: Readonly<Record<string, string>>;
  } | null;
}

function firingOf({ id, name, occurred, payload }: Event, records: readonly ActionRecord[]): Firing {
  const { triggering_labels: labels = {}, triggering_event: event = null } = JSON.parse(payload) as FiringPayload;
  return {
    id,
    at: formatInstant(occurred),
    state: name.endsWith('.resolved') ? 'Resolved' : 'Triggered',
    labels,
    event: event && {
      id: event.id,
      event: event.event,
      occurred: event.occurred,
      resource_id: event.resource[RESOURCE_ID] ?? '',
      resource_name: event.resource[RESOURCE_NAME] ?? null,
    },
    receipts: records
      .filter(({ order }) => order.firing.id === id)
      .toSorted((a, b) => a.order.index - b.order.index)
      .map(encodeActionRecord),
  };
}

/** Told since it was changed last: whoever has looked after it since knows of it. */
async function whyStopped(useCases: UseCases, { id, updatedAt }: Automation, now: Instant) {
  const where = allOf([{ op: 'eq', field: 'name', value: 'ostinato.automation.stopped' } as const, isAbout([id])]);
  const filter = { since: addSeconds(updatedAt, -1), until: now, where, isDistinct: false, order: 'desc' } as const;
  const [event] = await useCases.findEvents({ filter, limit: 1 });
  if (event === undefined) return null;
  const { reason } = JSON.parse(event.payload) as { readonly reason: string };
  return { at: formatInstant(event.occurred), reason };
}

/** Names of the events that a trigger looks at; empty: of all. */
function namesLookedAt(trigger: SingleTrigger): readonly string[] {
  if (trigger.type === 'event') return trigger.expect;
  return trigger.type === 'stay' ? trigger.states.map((state) => `prefect.flow-run.${state}`) : ['prefect.flow-run.*'];
}

async function matchesOf(useCases: UseCases, trigger: SingleTrigger, now: Instant) {
  const labels = (match: LabelMatch) => Object.fromEntries(match.map(([label, patterns]) => [label, [...patterns]]));
  const { match, matchRelated } = trigger;
  const expect = namesLookedAt(trigger);
  const asked = eventFilter(
    {
      occurred: { since: formatInstant(addSeconds(now, -7 * DAY_SECONDS)) },
      resource: { labels: labels(match) },
      related: matchRelated.map((part) => ({ labels: labels(part) })),
    },
    now,
  );
  const named: Condition[] = expect.length === 0 ? [] : [{ op: 'glob', field: 'name', patterns: [...expect] }];
  const filter = { ...asked, where: allOf([asked.where, ...named]) };
  const [newest] = await useCases.findEvents({ filter, limit: 1 });
  return { count: await useCases.countEvents(filter), newest: newest === undefined ? null : mentionOf(newest) };
}

export function mentionOf({ id, name, occurred, resource }: Event): EventMention {
  return {
    id,
    event: name,
    occurred: formatInstant(occurred),
    resource_id: resource[RESOURCE_ID] ?? '',
    resource_name: resource[RESOURCE_NAME] ?? null,
  };
}
