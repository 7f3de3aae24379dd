/** How a worker of ours takes a run, and tells how its process ended. */

import { Action, Maybe, type RouteContract, UuidIn } from './route.ts';
import { EXACT, Nullable } from './schema/scalars.ts';
import { Type } from './type.ts';

/** Ours alone: the state and the lease, which Prefect's runs do not have, in one transaction. */
export const CLAIM_FLOW_RUN = {
  method: 'POST',
  path: '/ostinato/flow_runs/{id}/claim',
  name: 'ostinato_claim_flow_run',
  tag: 'Ostinato',
  summary: 'Take a run that is due: Pending, and the lease of it',
  body: Action({
    /** Registered as a process that runs flows. */
    process_id: UuidIn,
    /** The name of the worker that takes it, by which the run then says who runs it. */
    worker: Maybe(Type.String({ minLength: 1, maxLength: 500 })),
  }),
  answers: {
    200: Type.Object(
      {
        /** `null`: the run is another's, or may not begin now. */
        lease_token: Nullable(Type.Integer()),
        /** Why it is not given; `null` when it is. */
        reason: Nullable(Type.String()),
      },
      EXACT,
    ),
  },
} as const satisfies RouteContract;

/** More than the last lines of a process have. */
const WORDS_MAX = 20_000;

/** Ours alone: only a worker knows how the process of a run ended that somebody else has found dead. */
export const TELL_PROCESS_END = {
  method: 'POST',
  path: '/ostinato/flow_runs/{id}/process_end',
  name: 'ostinato_tell_process_end',
  tag: 'Ostinato',
  summary: 'Say how the process of a Crashed run ended',
  body: Action({
    /** Of the lease under which the worker took the run. */
    lease_token: Type.Integer({ minimum: 0 }),
    evidence: Type.String({ maxLength: WORDS_MAX }),
    /** The same, and what the process wrote last. */
    message: Type.String({ maxLength: WORDS_MAX }),
  }),
  answers: {
    /** `is_told`: the state of the run says it now. */
    200: Type.Object({ is_told: Type.Boolean() }, EXACT),
  },
} as const satisfies RouteContract;
