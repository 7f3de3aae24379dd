/** Runs a deployment. Source: Prefect 3.9.1, `server/events/actions.py`. */

import { RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE } from '../../core/event.ts';
import type { DeploymentId } from '../../core/ids.ts';
import { addSeconds } from '../../core/time.ts';
import { hydrate, StandIn } from '../../core/hydration.ts';
import { inWrittenOrder } from '../../core/written-order.ts';
import { variablesFor } from '../continue-paused-run.ts';
import { runDeployment, type MadeRun } from '../deployments/runs.ts';
import { ActionRefused, targetId, tellTarget, type Acting } from './acting.ts';
import type { ActingPorts } from './ports.ts';
import { asked } from './refusals.ts';
import { contextOf, mayBeTemplate } from './templates.ts';

/** Repeated, it answers the run that it has made: the order is the run's idempotency key. */
export async function runDeploymentAction(ports: ActingPorts, acting: Acting): Promise<string> {
  const { action, automation, order, told } = acting;
  const id = targetId(acting, 'deployment');
  tellTarget(told, `prefect.deployment.${id}`);
  const parameters = await settledParameters(ports, acting);
  const jobVariables = action['job_variables'] ?? null;
  const { run } = await asked(
    acting,
    201,
    async (): Promise<MadeRun> =>
      await runDeployment(ports, id as DeploymentId, {
        parameters,
        tags: [],
        labels: {},
        policy: { retries: null, retryDelaySeconds: [], timeoutSeconds: null, resume: 'manual' },
        state: {
          type: 'SCHEDULED',
          scheduledTime: addSeconds(ports.clock.now(), Number(action['schedule_after'] ?? 0)),
        },
        idempotencyKey: idempotencyKey(acting),
        parentTaskRunId: null,
        infrastructureDocumentId: null,
        context: '{}',
        jobVariables: jobVariables === null ? null : JSON.stringify(jobVariables),
        creator: { id: automation.id, type: 'AUTOMATION', displayValue: automation.name },
      }),
  );
  told.related.push({
    [RESOURCE_ID]: `prefect.flow-run.${run.id}`,
    [RESOURCE_ROLE]: 'flow-run',
    [RESOURCE_NAME]: run.name,
  });
  return `The deployment has the flow run ${run.name} (${run.id}) for this: order ${order.id}.`;
}

/** In the form of Prefect's, which people look for. */
export function idempotencyKey({ automation, order }: Pick<Acting, 'automation' | 'order'>): string {
  return `automation ${automation.id}, action ${order.index}, invocation ${order.id}`;
}

const KIND = '__prefect_kind';

type Dictionary = Readonly<Record<string, unknown>>;

/** JSON. @throws ActionRefused */
export async function settledParameters(ports: ActingPorts, acting: Acting): Promise<string> {
  const values = withKinds((acting.action['parameters'] ?? {}) as Dictionary);
  const text = JSON.stringify(values);
  if (!text.includes(KIND)) return text;
  if (ports.userTexts === undefined) throw new ActionRefused('Templates are rendered by a server only.');
  const settled = await ports.userTexts.settleParameters({
    values: text,
    variables: await variablesFor(ports, text),
    schema: null,
    isPartial: true,
    context: await contextOf(ports, acting, templatesIn(values)),
  });
  if (settled.ok) return settled.text;
  throw new ActionRefused(`Unable to create flow run from deployment: ${settled.reason}`);
}

/** Templates in it, those inside of other descriptions included. */
function templatesIn(values: Dictionary): readonly string[] {
  const templates: string[] = [];
  hydrate(values, {
    parseJson: () => null,
    variable: () => null,
    renderTemplate: (template) => (templates.push(template), new StandIn(null)),
    standIn: (problem) => new StandIn(problem),
  });
  return templates;
}

function isDictionary(value: unknown): value is Dictionary {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) !== null;
}

/** A text with a template in it is one, though nothing says so. Lists in lists are left as they are, as there. */
function withKinds(values: Dictionary): Dictionary {
  const ofItem = (item: unknown): unknown => {
    if (typeof item === 'string' && mayBeTemplate(item)) return describedTemplate(item);
    return isDictionary(item) && !(KIND in item) ? withKinds(item) : item;
  };
  return inWrittenOrder(
    Object.entries(values).map(([key, value]) => [key, Array.isArray(value) ? value.map(ofItem) : ofItem(value)]),
  );
}

/** One expression alone keeps the type of its value; with text around it, it is text. */
function describedTemplate(template: string): Dictionary {
  const stripped = template.trim();
  if (!stripped.startsWith('{{') || !stripped.endsWith('}}') || stripped.split('{{').length !== 2)
    return { [KIND]: 'jinja', template };
  const expression = stripped.slice(2, -2).trim();
  return { [KIND]: 'json', value: { [KIND]: 'jinja', template: `{{ ${expression} | tojson }}` } };
}
