/**
 * Deployments as they are written down, applied: all of a request or nothing, each as a further version.
 *
 * 1. What is checked outside of the transaction (parameters, queues) is checked for the merge that is then made: where
 *    somebody has changed a deployment in between, it is begun again.
 * 2. What changes nothing makes no version.
 */

import { documentOf, type DeploymentVersion, type VersionSource } from '../../core/deployment-definition.ts';
import { mergeDeployment, type MergeChange } from '../../core/deployment-merge.ts';
import type { Deployment } from '../../core/deployment.ts';
import { OstinatoError } from '../../core/errors.ts';
import { NO_SLOT_RULES } from '../../core/schedules/slot-rules.ts';
import type { Flow } from '../../core/flow-run.ts';
import type { DeploymentId, FlowRunId } from '../../core/ids.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { QueueInPool } from '../../core/work-pool.ts';
import type { VersionedChange, VersionedFacts } from '../../store/port/deployment-versions.ts';
import type { DeploymentKey } from '../../store/port/deployments.ts';
import { ensureFlow } from '../flows.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { checkedFields, queueFor } from './apply.ts';
import { freshDeployment, type DeploymentFields } from './fields.ts';
import { readDeploymentOfRun } from './pinned-version.ts';
import { deploymentMissing } from './schedules.ts';
import {
  isNothing,
  requestOf,
  versionedChange,
  type Plan,
  type Prepared,
  type WantedDocument,
} from './versioned-change.ts';

export interface ApplyDocuments {
  readonly deployments: readonly WantedDocument[];
  /** Nothing is changed: what would be is told. */
  readonly isDryRun: boolean;
  /** Whether what is wanted wins over what somebody has changed since. */
  readonly isForced: boolean;
}

export interface AppliedDocument {
  /** `null`: it would be made. */
  readonly id: DeploymentId | null;
  readonly flowName: string;
  readonly name: string;
  readonly isNew: boolean;
  /** What it has now; `null`: none. */
  readonly version: number | null;
  readonly changes: readonly MergeChange[];
}

export interface ApplyAnswer {
  /** Not in a dry run, and not where there is a conflict. */
  readonly isApplied: boolean;
  readonly deployments: readonly AppliedDocument[];
}

/** How often it is begun again because somebody changes the same deployments meanwhile. */
const ATTEMPTS_MAX = 30;

/**
 * `bad-input` for a deployment that is named twice; `bad-parameters` for ones that do not fit, `not-found` for a pool
 * that is not there; `conflict` when others change the same all the time.
 */
export async function applyDocuments(ports: OrchestratorPorts, request: ApplyDocuments): Promise<ApplyAnswer> {
  refuseTwice(request.deployments);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const answer = await applyOnce(ports, request);
    if (answer !== null) return answer;
  }
  throw new OstinatoError('conflict', 'The deployments are changed by somebody else all the time.', {
    remedy: 'Apply them again.',
  });
}

function refuseTwice(wanted: readonly WantedDocument[]): void {
  const names = wanted.map(({ flowName, name }) => `${flowName}/${name}`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new OstinatoError('bad-input', `Deployment ${twice} is asked for twice.`, { remedy: 'Keep one of them.' });
}

const keyOf = ({ flowName, name }: WantedDocument): DeploymentKey => ({ flowName, name });

/** `null`: somebody has changed something meanwhile. */
async function applyOnce(ports: OrchestratorPorts, request: ApplyDocuments): Promise<ApplyAnswer | null> {
  const { storage, clock } = ports;
  const { deployments: wanted, isDryRun } = request;
  const seen: VersionedFacts[] = [];
  for (const each of wanted) seen.push(await storage.readVersionedDeployment(keyOf(each)));
  const plans = seen.map((facts, index) => planOf(facts, wanted[index], request));
  const fields: DeploymentFields[] = [];
  for (const [index, plan] of plans.entries()) fields.push(await checkPlan(ports, seen[index], plan));
  if (isDryRun || plans.some(hasConflict))
    return { isApplied: false, deployments: plans.map((plan, index) => answerOf(plan, seen[index], wanted[index])) };
  const prepared: Prepared[] = [];
  for (const [index, plan] of plans.entries())
    prepared.push({ fields: fields[index] ?? {}, queue: await prepare(ports, seen[index], plan, wanted[index]) });
  const now = clock.now();
  return await storage.changeVersionedDeployments<ApplyAnswer | null>(wanted.map(keyOf), (facts) => {
    const again = facts.map((each, index) => planOf(each, wanted[index], request));
    if (JSON.stringify(again) !== JSON.stringify(plans)) return { changes: [], answer: null };
    const changes: VersionedChange[] = [];
    const answers: AppliedDocument[] = [];
    for (const [index, plan] of again.entries()) {
      const made = versionedChange(ports, {
        facts: facts[index],
        plan,
        wanted: wanted[index],
        prepared: prepared[index],
        now,
      });
      changes.push(made.change);
      answers.push({ ...answerOf(plan, facts[index], wanted[index]), id: made.id, version: made.version });
    }
    return { changes, answer: { isApplied: true, deployments: answers } };
  });
}

function planOf({ found, version }: VersionedFacts, wanted: WantedDocument | undefined, request: ApplyDocuments): Plan {
  const document = wanted?.document ?? { fields: {}, schedules: null };
  if (found === null)
    return {
      isNew: true,
      merge: { fields: document.fields, added: document.schedules ?? [], changed: [], removed: [], changes: [] },
    };
  const current = { fields: documentOf(found).fields, schedules: found.schedules };
  const merge = mergeDeployment({ last: version, current, wanted: document, isForced: request.isForced });
  return { isNew: false, merge };
}

function hasConflict({ merge }: Plan): boolean {
  return merge.changes.some(({ how }) => how === 'conflict');
}

/** Parameters fit the schema that there will be. @returns what is set, with parameters as they come about */
async function checkPlan(
  ports: OrchestratorPorts,
  facts: VersionedFacts | undefined,
  plan: Plan,
): Promise<DeploymentFields> {
  if (isNothing(plan)) return {};
  return await checkedFields(ports, deploymentOf(ports, facts), requestOf(plan.merge.fields).fields);
}

/** What is there, or one that could be. */
function deploymentOf({ ids, clock }: OrchestratorPorts, facts: VersionedFacts | undefined): Deployment {
  if (facts?.found) return facts.found.deployment;
  const now = clock.now();
  const flow: Flow = { id: ids.next(), name: '', tags: [], labels: {}, createdAt: now };
  return freshDeployment(ids.next(), facts?.flow ?? flow, '', now);
}

/** The flow and the queue are there afterwards. @returns the queue; `undefined`: it stays */
async function prepare(
  ports: OrchestratorPorts,
  facts: VersionedFacts | undefined,
  { isNew, merge }: Plan,
  wanted: WantedDocument | undefined,
): Promise<QueueInPool | null | undefined> {
  if (isNew) await ensureFlow(ports, { name: wanted?.flowName ?? '', tags: [], labels: {} });
  const jobVariables = merge.fields.job_variables ?? facts?.found?.deployment.jobVariables ?? '{}';
  const { work_pool_name: pool, work_queue_name: queue } = merge.fields;
  if (pool === undefined && queue === undefined) return undefined;
  return await queueFor(ports, requestOf({ ...wanted?.document.fields, ...merge.fields }).queue, jobVariables);
}

function answerOf(
  { isNew, merge }: Plan,
  facts: VersionedFacts | undefined,
  wanted: WantedDocument | undefined,
): AppliedDocument {
  return {
    id: facts?.found?.deployment.id ?? null,
    flowName: wanted?.flowName ?? '',
    name: wanted?.name ?? '',
    isNew,
    version: facts?.version?.number ?? null,
    changes: merge.changes,
  };
}

/** The newest first. `not-found`. */
export async function listVersions(
  { storage }: OrchestratorPorts,
  id: DeploymentId,
): Promise<readonly DeploymentVersion[]> {
  if ((await storage.readDeployment({ id })) === null) throw deploymentMissing();
  return await storage.listDeploymentVersions(id);
}

/**
 * Makes the deployment what it was after that version: as a further one. Whether it and its schedules are paused stays
 * as it is. `not-found`: the deployment, or the version.
 */
export async function rollBack(
  ports: OrchestratorPorts,
  id: DeploymentId,
  number: number,
  source: VersionSource,
): Promise<AppliedDocument> {
  const found = await ports.storage.readDeployment({ id });
  if (found === null) throw deploymentMissing();
  const versions = await ports.storage.listDeploymentVersions(id);
  const version = versions.find((each) => each.number === number);
  if (version === undefined)
    throw new OstinatoError('not-found', `There is no version ${number} of the deployment.`, {
      remedy: 'See them with: ostinato deployment versions DEPLOYMENT',
    });
  const { paused: _, ...fields } = version.became.fields;
  const schedules =
    version.became.schedules?.map(({ active: _active, ...each }) => ({
      ...each,
      // What it did not have then goes.
      rules: { ...NO_SLOT_RULES, ...each.rules },
    })) ?? null;
  const { deployments } = await applyDocuments(ports, {
    deployments: [
      {
        flowName: found.flow.name,
        name: found.deployment.name,
        document: { fields, schedules },
        source: { ...source, kind: 'rollback', rolledBackTo: number },
      },
    ],
    isDryRun: false,
    isForced: true,
  });
  const [applied] = deployments;
  if (applied === undefined) throw deploymentMissing();
  return applied;
}

export function versionUseCases(ports: OrchestratorPorts) {
  return {
    applyDocuments: (request: ApplyDocuments): MaybePromise<ApplyAnswer> => applyDocuments(ports, request),
    listVersions: (id: DeploymentId) => listVersions(ports, id),
    readDeploymentOfRun: (id: FlowRunId) => readDeploymentOfRun(ports, id),
    rollBack: (id: DeploymentId, number: number, source: VersionSource) => rollBack(ports, id, number, source),
  };
}
