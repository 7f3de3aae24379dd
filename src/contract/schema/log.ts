import { Type, type Static } from '../type.ts';

import { Count, DateTime, EXACT, Nullable, Uuid, Whole } from './scalars.ts';

/**
 * `level` as Python's logging counts: 10 debug, 20 info, 30 warning, 40 error, 50 critical. `seq` grows with the order
 * of commits.
 */
export const Log = Type.Object(
  {
    id: Uuid,
    seq: Count,
    created: DateTime,
    updated: DateTime,
    name: Type.String(),
    level: Whole(),
    message: Type.String(),
    timestamp: DateTime,
    flow_run_id: Nullable(Uuid),
    task_run_id: Nullable(Uuid),
  },
  EXACT,
);
export type Log = Static<typeof Log>;
