import { Type, type Static } from '../type.ts';

import { DateTime, EXACT, Nullable, Uuid } from './scalars.ts';

/** The answer to "why is this run as it is?". */
export const Explanation = Type.Object({
  run_id: Uuid,
  kind: Type.Union([Type.Literal('flow_run'), Type.Literal('task_run')]),
  name: Type.String(),
  headline: Type.String(),
  because: Type.Array(Type.Object({ fact: Type.String(), when: Nullable(DateTime) }, EXACT)),
  next: Type.String(),
}, EXACT);
export type Explanation = Static<typeof Explanation>;
