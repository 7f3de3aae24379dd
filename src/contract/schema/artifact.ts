import { Type, type Static } from 'typebox';

import { DateTime, EXACT, Json, Nullable, Uuid } from './scalars.ts';

/** `data` by type: markdown and link are text, a table is JSON text of its rows, progress is 0…100, an image is a URL. */
export const Artifact = Type.Object({
  id: Uuid,
  created: DateTime,
  updated: DateTime,
  key: Nullable(Type.String()),
  type: Type.String(),
  description: Nullable(Type.String()),
  data: Json,
  flow_run_id: Nullable(Uuid),
  task_run_id: Nullable(Uuid),
}, EXACT);
export type Artifact = Static<typeof Artifact>;
