import { Type, type Static } from '../type.ts';

import { DateTime, EXACT, Nullable, Uuid } from './scalars.ts';

export const FlowRunInput = Type.Object({
  id: Uuid,
  created: DateTime,
  updated: DateTime,
  flow_run_id: Uuid,
  key: Type.String(),
  value: Type.String(),
  sender: Nullable(Type.String()),
}, EXACT);
export type FlowRunInput = Static<typeof FlowRunInput>;
