/** Automations: how they are made, changed and deleted. They are kept as Prefect keeps them (ADR 071). */

import type { Automation, AutomationId } from '../core/automation.ts';
import { OstinatoError } from '../core/errors.ts';
import type { OutboxEvent } from '../core/event.ts';
import { isUuid, type DeploymentId, type IdSource } from '../core/ids.ts';
import { exactValue } from '../core/json-value.ts';
import { chain, type MaybePromise } from '../core/maybe-promise.ts';
import { formatInstant, type Instant } from '../core/time.ts';
import { changeEvent } from './events.ts';
import { checkJobVariables } from './job-variables.ts';
import type { OrchestratorPorts } from './ports.ts';

export type AutomationFields = Omit<Automation, 'id' | 'createdAt' | 'updatedAt'>;

/** Besides what the automation is. */
export interface AutomationLinks {
  /** What it is about. */
  readonly related: readonly string[];
  /** What it belongs to. */
  readonly owner?: string | undefined;
}

export function automationUseCases(ports: OrchestratorPorts) {
  const { storage } = ports;
  return {
    createAutomation: (fields: AutomationFields, links: AutomationLinks) => createAutomation(ports, fields, links),
    /** Answers whether it was there. The change is a function of what is there, and may refuse by throwing. */
    changeAutomation: (
      id: AutomationId,
      change: (there: Automation) => Partial<AutomationFields>,
      related?: readonly string[],
    ) => changeAutomation(ports, id, change, related),
    deleteAutomation: (id: AutomationId) => deleteAutomation(ports, id),
    listRelatedAutomations: (resourceId: string) => storage.listRelatedAutomations(resourceId),
    deleteOwnedAutomations: (resourceId: string) => deleteOwnedAutomations(ports, resourceId),
    checkAutomationRun: (run: { readonly deploymentId: string; readonly jobVariables: string }) =>
      checkAutomationRun(ports, run),
  };
}

function createAutomation(
  { storage, clock, ids }: OrchestratorPorts,
  fields: AutomationFields,
  { related, owner }: AutomationLinks,
): MaybePromise<Automation> {
  const now = clock.now();
  const automation: Automation = { ...fields, id: ids.next<AutomationId>(), createdAt: now, updatedAt: now };
  return storage.changeAutomation<Automation>(automation.id, () => ({
    automation,
    related,
    owner,
    event: automationEvent(ids, automation, 'created', now),
    answer: automation,
  }));
}

export function changeAutomation(
  { storage, clock, ids }: OrchestratorPorts,
  id: AutomationId,
  change: (there: Automation) => Partial<AutomationFields>,
  related: readonly string[] | undefined,
): MaybePromise<boolean> {
  const now = clock.now();
  return storage.changeAutomation<boolean>(id, (found) => {
    if (found === null) return { answer: false };
    const automation: Automation = { ...found, ...change(found), updatedAt: now };
    return { automation, related, event: automationEvent(ids, automation, 'updated', now), answer: true };
  });
}

function deleteAutomation({ storage, clock, ids }: OrchestratorPorts, id: AutomationId): MaybePromise<boolean> {
  const now = clock.now();
  return storage.changeAutomation<boolean>(id, (found) =>
    found === null
      ? { answer: false }
      : { automation: null, event: automationEvent(ids, found, 'deleted', now), answer: true },
  );
}

function deleteOwnedAutomations({ storage, clock, ids }: OrchestratorPorts, resourceId: string): MaybePromise<number> {
  const now = clock.now();
  return storage.deleteOwnedAutomations(resourceId, (gone) => automationEvent(ids, gone, 'deleted', now));
}

/** Whether a run with these variables could be made. `not-found`, `bad-input`. */
function checkAutomationRun(
  ports: OrchestratorPorts,
  { deploymentId, jobVariables }: { readonly deploymentId: string; readonly jobVariables: string },
): MaybePromise<void> {
  const found = isUuid(deploymentId) ? ports.storage.readDeployment({ id: deploymentId as DeploymentId }) : null;
  return chain(found, async (record) => {
    if (record === null) throw new OstinatoError('not-found', 'Deployment not found.');
    const pool = record.queue?.pool ?? null;
    await checkJobVariables(ports, pool, { values: jobVariables, isComplete: true }, 'Error creating automation');
  });
}

function automationEvent(
  ids: IdSource,
  automation: Automation,
  what: 'created' | 'updated' | 'deleted',
  now: Instant,
): OutboxEvent {
  const { id, name } = automation;
  return changeEvent(ids, 'automation', id, what, now, automationView(automation), { name });
}

/** In the names of the wire, with exact numbers. */
export function automationView(automation: Automation) {
  const { id, name, description, isEnabled, tags, trigger, actions, createdAt, updatedAt } = automation;
  return {
    name,
    description,
    enabled: isEnabled,
    tags,
    trigger: exactValue(trigger),
    actions: exactValue(actions.always),
    actions_on_trigger: exactValue(actions.onTrigger),
    actions_on_resolve: exactValue(actions.onResolve),
    id,
    created: formatInstant(createdAt),
    updated: formatInstant(updatedAt),
  };
}
