import { Type, type Static } from '../type.ts';

import { DateTime, EXACT, Json, Nullable, Uuid } from './scalars.ts';

const fields = {
  id: Uuid,
  created: DateTime,
  updated: DateTime,
  key: Nullable(Type.String()),
  type: Nullable(Type.String()),
  description: Nullable(Type.String()),
  data: Json,
  metadata_: Nullable(Type.Record(Type.String(), Type.String())),
  flow_run_id: Nullable(Uuid),
  task_run_id: Nullable(Uuid),
};

/** `data` by type: markdown and link are text, a table is JSON text of its rows, progress is 0…100, an image is a URL. */
export const Artifact = Type.Object(fields, EXACT);
export type Artifact = Static<typeof Artifact>;

/** The newest artifact of a key, `latest_id`; `id`, `created` and `updated` are the collection's. */
export const ArtifactCollection = Type.Object({ ...fields, key: Type.String(), latest_id: Uuid }, EXACT);
export type ArtifactCollection = Static<typeof ArtifactCollection>;
