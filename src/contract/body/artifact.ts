import { Type } from '../type.ts';

import { artifactCollectionFilter, artifactFilter } from '../filter/records.ts';
import { taskRunFilters } from '../filter/related.ts';
import { artifactSorts } from '../filter/sort.ts';
import { Action, Limit, Maybe, Offset, Parts, UuidIn } from '../route.ts';
import { Json } from '../schema/scalars.ts';

const MetadataIn = Type.Record(Type.String(), Type.String());

export const ArtifactCreate = Action({
  /** Artifacts with one key are versions of one another. */
  key: Maybe(Type.String({ title: 'Artifact key', pattern: '^[a-z0-9-]+$', maxLength: 255 })),
  type: Maybe(Type.String()),
  description: Maybe(Type.String()),
  data: Type.Optional(Json),
  metadata_: Maybe(MetadataIn),
  flow_run_id: Maybe(UuidIn),
  task_run_id: Maybe(UuidIn),
});

export const ArtifactUpdate = Action({ data: Type.Optional(Json), description: Maybe(Type.String()), metadata_: Maybe(MetadataIn) });

export const ArtifactsCount = Parts({ artifacts: Maybe(artifactFilter.schema), ...taskRunFilters });
export const ArtifactsFilter = Parts({ ...ArtifactsCount.properties, sort: artifactSorts.schema, limit: Limit, offset: Offset });
export const LatestArtifactsCount = Parts({ artifacts: Maybe(artifactCollectionFilter.schema), ...taskRunFilters });
export const LatestArtifactsFilter = Parts({ ...LatestArtifactsCount.properties, sort: artifactSorts.schema, limit: Limit, offset: Offset });
