import type { Branded } from './ids.ts';
import type { Instant } from './time.ts';

export type AutomationId = Branded<'AutomationId'>;

/** What is to be done when certain events happen, or do not. */
export interface Automation {
  readonly id: AutomationId;
  /** Not unique. */
  readonly name: string;
  readonly description: string;
  readonly isEnabled: boolean;
  readonly tags: readonly string[];
  /** JSON: one trigger in the names of the wire, with every default filled in and an id at each level. */
  readonly trigger: string;
  readonly actions: AutomationActions;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** JSON, each a list of actions in the names of the wire, with every default filled in. */
export interface AutomationActions {
  readonly always: string;
  readonly onTrigger: string;
  readonly onResolve: string;
}

/** As events name it. */
export function deploymentResource(id: string): string {
  return `prefect.deployment.${id}`;
}

/** What keeps a trigger from starting itself again and again has to know of it. */
export interface LoopFacts {
  readonly isEnabled: boolean;
  /** Of a reactive event trigger; `null`: another one, which cannot grow without an end. */
  readonly reactive: {
    readonly expect: readonly string[];
    /** Whether it narrows down neither the run nor what is related to it. */
    readonly isForEveryFlowRun: boolean;
  } | null;
  readonly runDeployment: readonly { readonly isInferred: boolean }[];
}

/** Every run of a deployment goes through these. */
const OF_EVERY_RUN: ReadonlySet<string> = new Set([
  'prefect.flow-run.Scheduled',
  'prefect.flow-run.Pending',
  'prefect.flow-run.Running',
  'prefect.flow-run.*',
]);

/** Why it would start runs without an end, in Prefect's words; `null`: it does not. */
export function loopProblem({ isEnabled, reactive, runDeployment }: LoopFacts): string | null {
  if (!isEnabled || reactive === null || !reactive.expect.some((event) => OF_EVERY_RUN.has(event))) return null;
  for (const { isInferred } of runDeployment) {
    if (isInferred)
      return (
        'Running an inferred deployment from a flow run state change event will lead to an infinite loop of flow ' +
        'runs.  Please choose a specific deployment and add additional filtering labels to the match or ' +
        "match_related for this automation's trigger."
      );
    if (reactive.isForEveryFlowRun)
      return (
        'Running a selected deployment from a flow run state change event may lead to an infinite loop of flow ' +
        'runs.  Please include additional filtering labels on either match or match_related to narrow down which ' +
        "flow runs will trigger this automation to exclude flow runs from the deployment you've selected."
      );
  }
  return null;
}
