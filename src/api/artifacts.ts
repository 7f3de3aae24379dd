import {
  artifactCollectionFilter,
  artifactFilter,
  artifactSorts,
  CHANGE_ARTIFACT,
  COUNT_ARTIFACTS,
  COUNT_LATEST_ARTIFACTS,
  CREATE_ARTIFACT,
  DELETE_ARTIFACT,
  encodeArtifact,
  encodeArtifactCollection,
  encodeLatestArtifact,
  LIST_ARTIFACTS,
  LIST_LATEST_ARTIFACTS,
  MAKE_ARTIFACT,
  READ_ARTIFACT,
  READ_LATEST_ARTIFACT,
  UPDATE_ARTIFACT,
} from '../contract/artifact.ts';
import { artifactsCondition, type RelatedFilters } from '../contract/filter/related.ts';
import { OstinatoError } from '../core/errors.ts';
import type { ArtifactId, FlowRunId, TaskRunId } from '../core/ids.ts';
import type { Condition } from '../core/query.ts';
import type { SentData } from '../orchestrator/artifact-versions.ts';
import type { ControlUseCases } from '../orchestrator/control-plane.ts';
import { created, NO_CONTENT, ok, operation, type Operation } from './operation.ts';
import { queryOf } from './lists.ts';

type ArtifactFilterBody = Parameters<typeof artifactFilter.condition>[0];
type FilterBody = RelatedFilters & { readonly artifacts?: ArtifactFilterBody | null };

export function artifactOperations(useCases: ControlUseCases): readonly Operation[] {
  return [
    operation(CREATE_ARTIFACT, async ({ body, exact }) => {
      const artifact = await useCases.addArtifact({
        key: body.key ?? null,
        type: body.type ?? null,
        description: body.description ?? null,
        ...sentData(body.data, exact),
        ...(body.metadata_ ? { metadata: shortened(body.metadata_) } : {}),
        flowRunId: (body.flow_run_id?.toLowerCase() ?? null) as FlowRunId | null,
        taskRunId: (body.task_run_id?.toLowerCase() ?? null) as TaskRunId | null,
      });
      return created(encodeArtifact(artifact));
    }),
    operation(READ_ARTIFACT, async ({ params }) =>
      ok(encodeArtifact(there(await useCases.readArtifact(params['id'] as ArtifactId)))),
    ),
    operation(READ_LATEST_ARTIFACT, async ({ params }) =>
      ok(encodeLatestArtifact(there(await useCases.readLatestArtifact(params['key'] as string)))),
    ),
    operation(LIST_ARTIFACTS, async ({ body }) => {
      const query = queryOf(conditionOf(body, artifactFilter), artifactSorts.of(body.sort), body);
      return ok((await useCases.find('artifact', query)).map(encodeArtifact));
    }),
    operation(LIST_LATEST_ARTIFACTS, async ({ body }) => {
      const where = conditionOf(body, artifactCollectionFilter);
      return ok(
        (await useCases.findLatestArtifacts(queryOf(where, artifactSorts.of(body.sort), body))).map(
          encodeArtifactCollection,
        ),
      );
    }),
    operation(COUNT_ARTIFACTS, async ({ body }) =>
      ok(await useCases.count('artifact', conditionOf(body, artifactFilter))),
    ),
    operation(COUNT_LATEST_ARTIFACTS, async ({ body }) =>
      ok(await useCases.count('artifact_collection', conditionOf(body, artifactCollectionFilter))),
    ),
    operation(UPDATE_ARTIFACT, async ({ params, body, exact }) => {
      const isThere = await useCases.changeArtifactFields(params['id'] as ArtifactId, {
        data: 'data' in body ? sentData(body.data, exact) : undefined,
        description: body.description,
        metadata: body.metadata_ && shortened(body.metadata_),
      });
      there(isThere ? params : null);
      return NO_CONTENT;
    }),
    operation(MAKE_ARTIFACT, async ({ body, exact }) => {
      const id = body.id.toLowerCase() as ArtifactId;
      const made = await useCases.readArtifact(id);
      if (made !== null) return ok(encodeArtifact(made));
      const { key, type, description, metadata_ } = body;
      return ok(
        encodeArtifact(
          await useCases.createArtifact({
            id,
            key,
            type,
            description,
            ...sentData(body.data, exact),
            ...(metadata_ ? { metadata: metadata_ } : {}),
            flowRunId: (body.flow_run_id?.toLowerCase() ?? null) as FlowRunId | null,
            taskRunId: (body.task_run_id?.toLowerCase() ?? null) as TaskRunId | null,
          }),
        ),
      );
    }),
    operation(CHANGE_ARTIFACT, async ({ params, body }) => {
      const { description } = body;
      const change = {
        ...('data' in body ? { data: body.data } : {}),
        ...(description === undefined ? {} : { description }),
      };
      return ok(encodeArtifact(await useCases.updateArtifact(params['id'] as ArtifactId, change)));
    }),
    operation(DELETE_ARTIFACT, async ({ params }) => {
      there((await useCases.deleteArtifact(params['id'] as ArtifactId)) ? params : null);
      return NO_CONTENT;
    }),
  ];
}

function conditionOf(
  { artifacts, ...related }: FilterBody,
  filter: { condition: (body: ArtifactFilterBody) => Condition },
): Condition {
  const { flows, flow_runs, task_runs, deployments } = related;
  return artifactsCondition(
    { flows, flow_runs, task_runs, deployments },
    artifacts ? filter.condition(artifacts) : undefined,
  );
}

function sentData(data: unknown, exact: Readonly<Record<string, unknown>>): SentData {
  const text = JSON.stringify(exact['data'] ?? null);
  return text === JSON.stringify(data ?? null) ? { data: data ?? null } : { data, exactData: text };
}

function there<T>(entity: T | null): T {
  if (entity === null) throw new OstinatoError('not-found', 'Artifact not found.');
  return entity;
}

/** Source: Prefect 3, `validate_max_metadata_length`. */
const MARK_CHARACTERS_MAX = 500;

/** Metadata values are short; of longer ones, the beginning is kept. */
function shortened(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata).map(([key, mark]) => {
      const characters = Array.from(mark);
      return [
        key,
        characters.length > MARK_CHARACTERS_MAX ? `${characters.slice(0, MARK_CHARACTERS_MAX).join('')}...` : mark,
      ];
    }),
  );
}
