/** Deployments applied as they are written down, and the versions that come of it: of Ostinato alone. */

import {
  DEFINITION_FIELDS,
  type DefinitionField,
  type DeploymentDocument,
  type DeploymentVersion as CoreVersion,
  type StatedSchedule,
  type VersionSource,
} from '../core/deployment-definition.ts';
import type { MergeChange } from '../core/deployment-merge.ts';
import { formatInstant, type Instant } from '../core/time.ts';
import { LabelsIn } from './body/flow-run.ts';
import {
  decodeDates,
  DeploymentScheduleCreate,
  encodeDates,
  encodePolicy,
  encodeRules,
  policyIn,
  rulesIn,
} from './deployment-schedule.ts';
import { Deployment, DeploymentUpdate } from './deployment.ts';
import { Action, Maybe, type RouteContract } from './route.ts';
import { Count, DateTime, EXACT, Json, JsonObject, Nullable, Uuid, Whole } from './schema/scalars.ts';
import { Type, type Static } from './type.ts';
import { rawJson } from './wire-json.ts';

/** Of one request. */
export const DEPLOYMENTS_MAX = 500;
const Words = Type.String({ minLength: 1, maxLength: 1000 });

export const VersionSourceIn = Action({
  by: Maybe(Words),
  file: Maybe(Words),
  checksum: Maybe(Words),
  git_commit: Maybe(Words),
  git_branch: Maybe(Words),
  is_git_dirty: Maybe(Type.Boolean()),
});
export type VersionSourceIn = Static<typeof VersionSourceIn>;

/** What is left out stays as it is; `schedules: []` takes all away. */
export const WantedDeployment = Action({
  ...DeploymentUpdate.properties,
  flow_name: Words,
  name: Words,
  schedules: Maybe(Type.Array(DeploymentScheduleCreate)),
  /** Of a deployment that is made now: one that is there keeps its own. */
  labels: Maybe(LabelsIn),
  /** Whence it comes. */
  source: Type.Optional(VersionSourceIn),
});

const Change = Type.Object(
  {
    /** `tags`, or `schedules.NAME` with `.parameters` behind it. */
    path: Type.String(),
    /** `set`: taken from the file; `kept`: stays as somebody has changed it; `conflict`: both have changed it. */
    how: Type.Union([Type.Literal('set'), Type.Literal('kept'), Type.Literal('conflict')]),
    /** What the last version made of it. */
    base: Json,
    current: Json,
    wanted: Json,
  },
  EXACT,
);
export type DeploymentMergeChange = Static<typeof Change>;

const AppliedDeployment = Type.Object(
  {
    /** `null`: it would be made. */
    id: Nullable(Uuid),
    flow_name: Type.String(),
    name: Type.String(),
    is_new: Type.Boolean(),
    version: Nullable(Count),
    changes: Type.Array(Change),
  },
  EXACT,
);
export type AppliedDeployment = Static<typeof AppliedDeployment>;

const tag = 'Deployments';

export const APPLY_DEPLOYMENTS = {
  method: 'POST',
  path: '/ostinato/deployments/apply',
  name: 'ostinato_apply_deployments',
  tag,
  summary: 'Bring deployments to what is written of them, all or none, each as a further version',
  body: Action({
    deployments: Type.Array(WantedDeployment, { minItems: 1, maxItems: DEPLOYMENTS_MAX }),
    dry_run: Type.Optional(Type.Boolean()),
    /** What is written wins over what somebody has changed since. */
    force: Type.Optional(Type.Boolean()),
  }),
  answers: {
    200: Type.Object(
      {
        /** `false` in a dry run, and where somebody has changed what the file changes, too. */
        is_applied: Type.Boolean(),
        deployments: Type.Array(AppliedDeployment),
      },
      EXACT,
    ),
  },
} as const satisfies RouteContract;

const VERSION_FACTS = {
  version: Count,
  created: DateTime,
  kind: Type.Union([Type.Literal('apply'), Type.Literal('rollback')]),
  by: Nullable(Type.String()),
  file: Nullable(Type.String()),
  /** SHA-256 of the file. */
  checksum: Nullable(Type.String()),
  git_commit: Nullable(Type.String()),
  git_branch: Nullable(Type.String()),
  is_git_dirty: Nullable(Type.Boolean()),
  rolled_back_to: Nullable(Count),
};
/** Of a version: which it is, and whence it comes. */
export const VersionFacts = Type.Object(VERSION_FACTS, EXACT);
export type VersionFacts = Static<typeof VersionFacts>;

export const DeploymentVersion = Type.Object(
  {
    deployment_id: Uuid,
    ...VERSION_FACTS,
    /** All of the deployment after it, by field. */
    fields: Type.Record(Type.String(), Type.Unknown()),
    schedules: Type.Array(Json),
  },
  EXACT,
);
export type DeploymentVersion = Static<typeof DeploymentVersion>;

export const LIST_VERSIONS = {
  method: 'GET',
  path: '/ostinato/deployments/{id}/versions',
  name: 'ostinato_read_deployment_versions',
  tag,
  summary: 'The versions of a deployment, the newest first',
  answers: { 200: Type.Array(DeploymentVersion) },
} as const satisfies RouteContract;

export const ROLL_BACK = {
  method: 'POST',
  path: '/ostinato/deployments/{id}/rollback',
  name: 'ostinato_roll_back_deployment',
  tag,
  summary: 'Make a deployment what it was after a version, as a further version',
  body: Action({ version: Whole({ minimum: 1 }), source: Type.Optional(VersionSourceIn) }),
  answers: { 200: AppliedDeployment },
} as const satisfies RouteContract;

/** For whoever starts a run: one that has pinned a version is run as that says, any other as the deployment is now. */
export const READ_DEPLOYMENT_OF_RUN = {
  method: 'GET',
  path: '/ostinato/flow_runs/{id}/deployment',
  name: 'ostinato_read_deployment_of_flow_run',
  tag,
  summary: 'The deployment of a flow run, as the run is to be executed',
  answers: {
    200: Type.Object(
      {
        deployment: Deployment,
        pinned_version: Nullable(Count),
        /** What its job is started with: by the pool's template, the deployment and the run. */
        job: Type.Object({ variables: JsonObject, configuration: JsonObject }, EXACT),
      },
      EXACT,
    ),
  },
} as const satisfies RouteContract;

export function decodeSource(source: VersionSourceIn | undefined): VersionSource {
  return {
    kind: 'apply',
    by: source?.by ?? null,
    file: source?.file ?? null,
    checksum: source?.checksum ?? null,
    gitCommit: source?.git_commit ?? null,
    gitBranch: source?.git_branch ?? null,
    isGitDirty: source?.is_git_dirty ?? null,
    rolledBackTo: null,
  };
}

type Exactly = Readonly<Record<string, unknown>>;

/** As in a change of one field, `null` leaves these as they are. */
const NEVER_NULL: readonly DefinitionField[] = ['parameters', 'enforce_parameter_schema', 'job_variables'];

/** @param exact the same with numbers to the letter. @param now where an interval begins that does not say when */
export function decodeDocument(
  body: Static<typeof WantedDeployment>,
  exact: Exactly,
  now: Instant,
): DeploymentDocument {
  const said = DEFINITION_FIELDS.filter(
    (name) => body[name] !== undefined && !(body[name] === null && NEVER_NULL.includes(name)),
  );
  const schedules = exact['schedules'] as readonly Exactly[] | null | undefined;
  return {
    fields: Object.fromEntries(said.map((name) => [name, JSON.stringify(exact[name])])),
    schedules: body.schedules?.map((each, index) => decodeStated(each, schedules?.[index], now)) ?? null,
  };
}

function decodeStated(
  body: Static<typeof DeploymentScheduleCreate>,
  exact: Exactly | undefined,
  now: Instant,
): StatedSchedule {
  const said = (words: object) => Object.entries(words).filter(([, value]) => value !== undefined);
  const [policy, rules] = [said(policyIn(body)), said(rulesIn(body))];
  return {
    slug: body.slug ?? null,
    schedule: decodeDates(body.schedule, now),
    saysAnchor: 'interval' in body.schedule && body.schedule.anchor_date !== undefined,
    saysZone: body.schedule.timezone !== undefined,
    ...(body.active === undefined ? {} : { active: body.active }),
    ...(body.parameters === undefined ? {} : { parameters: JSON.stringify(exact?.['parameters']) }),
    ...(policy.length === 0 ? {} : { policy: Object.fromEntries(policy) }),
    ...(rules.length === 0 ? {} : { rules: Object.fromEntries(rules) }),
  };
}

export function encodeChange({ path, how, base, current, wanted }: MergeChange): DeploymentMergeChange {
  const json = (text: string | null): unknown => (text === null ? null : rawJson(text));
  return { path, how, base: json(base), current: json(current), wanted: json(wanted) };
}

export function encodeVersionFacts({ number, source, createdAt }: CoreVersion): VersionFacts {
  return {
    version: number,
    created: formatInstant(createdAt),
    kind: source.kind,
    by: source.by,
    file: source.file,
    checksum: source.checksum,
    git_commit: source.gitCommit,
    git_branch: source.gitBranch,
    is_git_dirty: source.isGitDirty,
    rolled_back_to: source.rolledBackTo,
  };
}

export function encodeVersion(version: CoreVersion): DeploymentVersion {
  const { deploymentId, became } = version;
  return {
    deployment_id: deploymentId,
    ...encodeVersionFacts(version),
    fields: Object.fromEntries(Object.entries(became.fields).map(([name, text]) => [name, rawJson(text)])),
    schedules: (became.schedules ?? []).map(({ slug, schedule, active, parameters, policy, rules }) => ({
      slug,
      schedule: encodeDates(schedule),
      active: active ?? true,
      parameters: rawJson(parameters ?? '{}'),
      ...encodePolicy(policy),
      ...encodeRules(rules),
    })),
  };
}
