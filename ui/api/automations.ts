/** Automations: what their pages show, and what is done with them there. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';

import type { ActionReceipt } from '../../src/contract/action-receipt.ts';
import type { Automation } from '../../src/contract/automation.ts';
import type { AutomationRow, EventMention, Firing } from '../../src/contract/routes/ui-automations.ts';
import { deleteAt, getJson, getText, JsonText, patchJson, postJson, putJson } from './http.ts';
import { parseLossless } from './lossless-json.ts';

export type { ActionReceipt, Automation, AutomationRow, EventMention, Firing };

export interface AutomationsPage {
  readonly as_of: string;
  readonly automations: readonly AutomationRow[];
  readonly count: number;
  readonly has_automations: boolean;
}

export interface AutomationsRequest {
  readonly name: string;
  /** `null`: whether they are on or not. */
  readonly enabled: boolean | null;
  readonly sort: 'NAME_ASC' | 'CREATED_DESC' | 'UPDATED_DESC';
  readonly limit: number;
  readonly offset: number;
}

export function automationsPageQuery(body: AutomationsRequest) {
  return queryOptions({
    queryKey: ['automations', 'page', body],
    queryFn: ({ signal }) => postJson<AutomationsPage>('/ui/pages/automations', body, { signal }),
    placeholderData: keepPreviousData,
  });
}

export interface ActionLine {
  readonly on: 'always' | 'trigger' | 'resolve';
  readonly text: string;
  readonly target: { readonly kind: string; readonly id: string; readonly name: string | null } | null;
}

export interface AutomationPageData {
  readonly as_of: string;
  readonly automation: Automation;
  readonly trigger: readonly { readonly depth: number; readonly text: string }[];
  readonly actions: readonly ActionLine[];
  readonly firings: readonly Firing[];
  readonly firing_count_day: number;
  readonly firing_count: number;
  readonly stopped: { readonly at: string; readonly reason: string } | null;
}

/** Numbers in its trigger and actions are as they were written. */
export function automationPageQuery(id: string) {
  return queryOptions({
    queryKey: ['automations', 'one', id],
    queryFn: async ({ signal }) => {
      const text = await getText(`/ui/pages/automations/${id}`, { signal });
      const { automation } = parseLossless(text) as Pick<AutomationPageData, 'automation'>;
      return { ...(JSON.parse(text) as AutomationPageData), automation };
    },
  });
}

export async function switchAutomation(id: string, enabled: boolean): Promise<void> {
  await patchJson(`/automations/${id}`, { enabled });
}

export async function deleteAutomation(id: string): Promise<void> {
  await deleteAt(`/automations/${id}`);
}

/** @param id `null`: a new one is made @returns its id */
export async function saveAutomation(id: string | null, json: string): Promise<string> {
  const body = new JsonText(json);
  if (id === null) return (await postJson<{ readonly id: string }>('/automations/', body)).id;
  await putJson(`/automations/${id}`, body);
  return id;
}

/** What the actions of automations can be done to. */
export interface AutomationChoice {
  readonly kind: string;
  readonly id: string;
  readonly name: string;
  readonly capabilities: readonly string[];
  readonly type: string | null;
}

export function automationChoicesQuery() {
  return queryOptions({
    queryKey: ['automations', 'choices'],
    queryFn: async ({ signal }) =>
      (await getJson<{ readonly choices: readonly AutomationChoice[] }>('/ui/automations/choices', { signal })).choices,
  });
}

export interface TriggerMatches {
  readonly words: readonly { readonly depth: number; readonly text: string }[];
  /** Of each event trigger, in their order. */
  readonly matches: readonly { readonly count: number; readonly newest: EventMention | null }[];
}

/** @param trigger JSON */
export function triggerMatchesQuery(trigger: string) {
  return queryOptions({
    queryKey: ['trigger-matches', trigger],
    queryFn: ({ signal }) =>
      postJson<TriggerMatches>('/ui/automations/matches', new JsonText(`{"trigger":${trigger}}`), { signal }),
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 60_000,
  });
}
