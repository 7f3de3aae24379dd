/** Automations as they are sent: trigger and actions checked, with their defaults, and what follows from them. */

import { deploymentResource, loopProblem, type LoopFacts } from '../../core/automation.ts';
import type { Problem } from '../checker.ts';
import { readAction, type ActionOut } from './automation-action.ts';
import { mayBeTemplate } from './automation-parameters.ts';
import { readTrigger, type TriggerOut } from './automation-trigger.ts';
import { Findings, listOf, type Read } from './kinds.ts';

type Body = Readonly<Record<string, unknown>>;

/** As it is kept: JSON in the names of the wire. Actions that were left out are absent. */
export interface AutomationRead {
  readonly trigger: TriggerOut;
  readonly actions: readonly ActionOut[];
  readonly actionsOnTrigger?: readonly ActionOut[];
  readonly actionsOnResolve?: readonly ActionOut[];
}

export type ReadAutomation =
  | { readonly ok: true; readonly read: AutomationRead }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** More are a mistake, and would be looked at one after the other. */
export const TEMPLATES_MAX = 500;

/** Texts of the actions that may be templates, each once. */
export function templatesOf(body: Body): readonly string[] {
  const found = new Set<string>();
  const look = (value: unknown): void => {
    if (typeof value === 'string') {
      if (mayBeTemplate(value)) found.add(value);
    } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(look);
  };
  look([body['actions'], body['actions_on_trigger'], body['actions_on_resolve']]);
  // An object as the payload of a webhook is a text with all of it.
  for (const list of [body['actions'], body['actions_on_trigger'], body['actions_on_resolve']])
    for (const action of Array.isArray(list) ? (list as readonly unknown[]) : []) {
      const { payload } = (action ?? {}) as { readonly payload?: unknown };
      if (typeof payload === 'object' && payload !== null) look(JSON.stringify(payload, null, 2));
    }
  return [...found];
}

/**
 * @param body fits the schema of the route
 * @param exact the same with exact numbers
 * @param templateProblem what is wrong with one of `templatesOf`; `null`: nothing
 */
export function readAutomation(
  body: Body,
  exact: Body,
  templateProblem: (template: string) => string | null,
): ReadAutomation {
  const findings = new Findings(templateProblem);
  const read = <Value>(name: string, reader: Read): Value =>
    reader({ plain: body[name], exact: exact[name], path: [name] }, findings) as Value;
  const actions = listOf(readAction);
  const automation: AutomationRead = {
    trigger: read('trigger', readTrigger),
    actions: read('actions', actions),
    ...('actions_on_trigger' in body ? { actionsOnTrigger: read('actions_on_trigger', actions) } : {}),
    ...('actions_on_resolve' in body ? { actionsOnResolve: read('actions_on_resolve', actions) } : {}),
  };
  if (findings.problems.length === 0) {
    const problem = loopProblem(loopFacts(automation, body['enabled'] !== false));
    if (problem !== null) findings.addRule([], problem, body);
  }
  return findings.problems.length === 0 ? { ok: true, read: automation } : { ok: false, problems: findings.problems };
}

export function loopFacts({ trigger, actions }: AutomationRead, isEnabled: boolean): LoopFacts {
  const related = trigger['match_related'];
  return {
    isEnabled,
    reactive:
      trigger['type'] === 'event' && trigger['posture'] === 'Reactive'
        ? {
            expect: trigger['expect'] as readonly string[],
            isForEveryFlowRun:
              isForEveryFlowRun(trigger['match']) &&
              (Array.isArray(related) ? related.some(isForEveryFlowRun) : isForEveryFlowRun(related)),
          }
        : null,
    runDeployment: runsOf(actions).map(({ source }) => ({ isInferred: source === 'inferred' })),
  };
}

function isForEveryFlowRun(labels: unknown): boolean {
  const entries = Object.entries((labels ?? {}) as Body);
  if (entries.length === 0) return true;
  const [[label, value]] = entries as [[string, unknown]];
  return entries.length === 1 && label === 'prefect.resource.id' && [value].flat().includes('prefect.flow-run.*');
}

interface RunAction {
  readonly source: 'selected' | 'inferred';
  readonly deployment_id: string | null;
  readonly job_variables: unknown;
}

function runsOf(actions: readonly ActionOut[]): readonly RunAction[] {
  return actions.filter(({ type }) => type === 'run-deployment') as unknown as readonly RunAction[];
}

/** The deployments that it runs, as resources; each once. */
export function deploymentsOf(actions: readonly ActionOut[]): readonly string[] {
  const ids = runsOf(actions).flatMap(({ deployment_id: id }) => (id === null ? [] : [deploymentResource(id)]));
  return [...new Set(ids)];
}

export interface NewRun {
  readonly deploymentId: string;
  /** JSON object. */
  readonly jobVariables: string;
}

/** Runs of named deployments with job variables of their own. */
export function runsToCheck(actions: readonly ActionOut[]): readonly NewRun[] {
  return runsOf(actions).flatMap(({ deployment_id: id, job_variables: given }) =>
    id === null || given === null ? [] : [{ deploymentId: id, jobVariables: JSON.stringify(given) }],
  );
}
