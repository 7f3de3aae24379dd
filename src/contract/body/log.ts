/** Logs as clients send them: a bare list. */

import { Type, type Static } from '../type.ts';

import { Maybe, TimeIn, UuidIn } from '../route.ts';
import { Whole } from '../schema/scalars.ts';

export const LogIn = Type.Object(
  {
    name: Type.String(),
    level: Whole(),
    message: Type.String(),
    timestamp: TimeIn,
    flow_run_id: Maybe(UuidIn),
    task_run_id: Maybe(UuidIn),
  },
  { additionalProperties: false },
);
export type LogIn = Static<typeof LogIn>;

export const LogsIn = Type.Array(LogIn);
