/** Events that a program tells, to whatever server; and while it is away. */

import { READ_DEPLOYMENT } from '../../contract/deployment-routes.ts';
import { RELATED_MAX } from '../../contract/body/event.ts';
import { CREATE_EVENTS } from '../../contract/routes/events.ts';
import { READ_FLOW_RUN } from '../../contract/routes/flow-runs.ts';
import { READ_FLOW } from '../../contract/routes/flows.ts';
import { rawJson } from '../../contract/wire-json.ts';
import { OstinatoError } from '../../core/errors.ts';
import {
  objectIdOf,
  RESOURCE_ID,
  RESOURCE_NAME,
  RESOURCE_ROLE,
  type Event,
  type RelatedResource,
  type ResourceLabels,
} from '../../core/event.ts';
import { formatInstant } from '../../core/time.ts';
import type { DeploymentId, FlowId, FlowRunId } from '../../core/ids.ts';
import type { Absence } from './absence.ts';
import type { ControlPlane } from './plane.ts';

/** An event on its way to who keeps it. */
export interface SentEvent extends Omit<Event, 'received'> {
  /** It was told in this run while nobody could be asked what the run belongs to: that is asked when it is sent. */
  readonly unaskedRun?: { readonly id: FlowRunId; readonly flowId: FlowId } | undefined;
}

/** What a run belongs to, as far as its own record does not say it. */
export interface RunSurroundings {
  readonly flowTags: readonly string[];
  /** `null`: it is of none, or of one that is gone. */
  readonly deployment: { readonly name: string; readonly tags: readonly string[] } | null;
}

export const NO_SURROUNDINGS: RunSurroundings = { flowTags: [], deployment: null };

/** The deployment of a run, and the tags of all that it belongs to. */
export function surroundingResources(
  { flowTags, deployment }: RunSurroundings,
  deploymentId: string | null,
  ownTags: readonly string[],
): readonly RelatedResource[] {
  const tags = new Set([...ownTags, ...flowTags, ...(deployment?.tags ?? [])]);
  return [
    ...(deployment === null || deploymentId === null
      ? []
      : [
          {
            [RESOURCE_ID]: `prefect.deployment.${deploymentId}`,
            [RESOURCE_ROLE]: 'deployment',
            [RESOURCE_NAME]: deployment.name,
          },
        ]),
    ...[...tags].sort().map((tag) => ({ [RESOURCE_ID]: `prefect.tag.${tag}`, [RESOURCE_ROLE]: 'tag' })),
  ];
}

export interface EventClient {
  /** Once, however often it is sent under its id. `bad-input` for one that cannot be kept. */
  emit(event: SentEvent): Promise<void>;
  /** `null`: nobody can say now, or there is no such flow. */
  surroundings(flowId: FlowId, deploymentId: DeploymentId | null): Promise<RunSurroundings | null>;
}

export function eventsOf(plane: ControlPlane): EventClient {
  /** Runs are named as the server names them. */
  const named = async <Labels extends ResourceLabels>(labels: Labels): Promise<Labels> => {
    const own = objectIdOf(labels[RESOURCE_ID], 'flow-run');
    return own === null
      ? labels
      : { ...labels, [RESOURCE_ID]: `prefect.flow-run.${await plane.runNames.remote(own as FlowRunId)}` };
  };
  const surroundings: EventClient['surroundings'] = async (flowId, deploymentId) => {
    try {
      const [flow, deployment] = await Promise.all([
        plane.find(READ_FLOW, { id: flowId }),
        deploymentId === null ? null : plane.find(READ_DEPLOYMENT, { id: deploymentId }),
      ]);
      return (
        flow && {
          flowTags: flow.plain.tags,
          deployment: deployment && { name: deployment.plain.name, tags: deployment.plain.tags },
        }
      );
    } catch (error) {
      // A process without a server has neither deployments nor tags of flows.
      if (OstinatoError.is(error) && error.code === 'unsupported') return NO_SURROUNDINGS;
      throw error;
    }
  };
  /** A run that began while the server was away has a flow whose id was a guess. */
  const asked = async ({ related, unaskedRun }: SentEvent): Promise<readonly RelatedResource[]> => {
    if (unaskedRun === undefined) return related;
    const { id, flowId } = unaskedRun;
    const run = (await plane.find(READ_FLOW_RUN, { id: await plane.runNames.remote(id) }))?.plain;
    if (run === undefined) return related;
    const around = await surroundings(run.flow_id as FlowId, (run.deployment_id ?? null) as DeploymentId | null);
    const flow = `prefect.flow.${run.flow_id}`;
    const known = related.map((labels) =>
      labels[RESOURCE_ID] === `prefect.flow.${flowId}` ? { ...labels, [RESOURCE_ID]: flow } : labels,
    );
    const named = new Set(known.map((labels) => labels[RESOURCE_ID]));
    const further = surroundingResources(around ?? NO_SURROUNDINGS, run.deployment_id ?? null, []).filter(
      (labels) => !named.has(labels[RESOURCE_ID]),
    );
    return [...known, ...further].slice(0, RELATED_MAX);
  };
  return {
    async emit(sent) {
      const { id, name, occurred, follows, resource, payload } = sent;
      const related = await asked(sent);
      const event = {
        id,
        event: name,
        occurred: formatInstant(occurred),
        resource: (await named(resource)) as ResourceLabels & { readonly [RESOURCE_ID]: string },
        related: await Promise.all(related.map(named)),
        payload: rawJson<Record<string, unknown>>(payload),
        follows,
      };
      await plane.ask(CREATE_EVENTS, { body: [event] as never });
    },

    surroundings,
  };
}

/** What a flow tells while its server is away is told later, as it occurred. */
export function tolerantEvents(absence: Absence): EventClient {
  return {
    emit: (event) =>
      absence.orLater<void>(
        { noun: 'events', method: 'emit', args: [event], what: `event ${event.name}` },
        () => undefined,
      ),
    surroundings: (flowId, deploymentId) =>
      absence.ifThere<RunSurroundings | null>(
        ({ events }) => events.surroundings(flowId, deploymentId),
        () => null,
      ),
  };
}
