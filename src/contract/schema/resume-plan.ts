import { Type, type Static } from '../type.ts';

import { Count, EXACT, Nullable, Uuid } from './scalars.ts';

/** What a retry of a flow run would do with each step that is recorded. */
export const ResumePlan = Type.Object(
  {
    flow_run_id: Uuid,
    flow_run_name: Type.String(),
    flow_name: Type.String(),
    flow_source_changed: Type.Boolean(),
    counts: Type.Object({ reuse: Count, run_again: Count, orphaned: Count }, EXACT),
    steps: Type.Array(
      Type.Object(
        {
          task_run_id: Uuid,
          name: Type.String(),
          task_name: Type.String(),
          call_site: Type.String(),
          map_id: Nullable(Type.String()),
          state_type: Type.String(),
          state_name: Type.String(),
          action: Type.Union([Type.Literal('reuse'), Type.Literal('run_again'), Type.Literal('orphaned')]),
          reason: Type.String(),
          /** Steps that run again and feed this one: it is reused only if they give the same values as before. */
          if_unchanged: Type.Array(Type.String()),
        },
        EXACT,
      ),
    ),
  },
  EXACT,
);
export type ResumePlan = Static<typeof ResumePlan>;
