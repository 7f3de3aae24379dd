import { Type, type Static } from '../type.ts';

import { Count, DateTime, EXACT, Nullable, Uuid } from './scalars.ts';

/**
 * A run that a sentence names, between double quotes; a moment of which it says how long ago it was, or how long it is
 * until then.
 */
const parts = {
  about: Nullable(
    Type.Object(
      { kind: Type.Union([Type.Literal('flow_run'), Type.Literal('task_run')]), id: Uuid, name: Type.String() },
      EXACT,
    ),
  ),
  moving: Nullable(DateTime),
};

/** A run that holds a slot; `name`: `null` when it is gone. */
export const SlotHolder = Type.Object(
  {
    kind: Type.Union([Type.Literal('flow_run'), Type.Literal('task_run')]),
    id: Uuid,
    name: Nullable(Type.String()),
    since: DateTime,
  },
  EXACT,
);

/** One thing that a run waits for. */
export const WaitReason = Type.Object(
  {
    kind: Type.Union([
      Type.Literal('schedule'),
      Type.Literal('pool-paused'),
      Type.Literal('queue-paused'),
      Type.Literal('limit'),
      Type.Literal('no-queue'),
      Type.Literal('no-worker'),
      Type.Literal('queue-not-asked'),
      Type.Literal('not-served'),
      Type.Literal('turn'),
    ]),
    message: Type.String(),
    /** `null`: it passes by itself. */
    remedy: Nullable(Type.String()),
    since: Nullable(DateTime),
    until: Nullable(DateTime),
    /** Of a limit; those that hold them the longest first. */
    slots: Nullable(Count),
    holders: Type.Array(SlotHolder),
    /** Other pools that have workers, where the run's own has none. */
    near: Type.Array(Type.Object({ name: Type.String(), type: Type.String(), workers_online: Count }, EXACT)),
  },
  EXACT,
);

/** The answer to "why is this run as it is?". */
export const Explanation = Type.Object(
  {
    run_id: Uuid,
    kind: Type.Union([Type.Literal('flow_run'), Type.Literal('task_run')]),
    name: Type.String(),
    headline: Type.String(),
    ...parts,
    because: Type.Array(Type.Object({ fact: Type.String(), when: Nullable(DateTime), ...parts }, EXACT)),
    next: Type.String(),
    /** Of a run that waits: for what, in the order in which it has to pass. */
    waits_for: Type.Array(WaitReason),
    /** Of a run that crashed: what its server does with it by itself, as its deployment says; `by`: until when. */
    goes_on: Nullable(
      Type.Object(
        {
          how: Type.Union([Type.Literal('resume'), Type.Literal('retry')]),
          attempt: Count,
          attempts_max: Count,
          by: DateTime,
        },
        EXACT,
      ),
    ),
  },
  EXACT,
);
export type Explanation = Static<typeof Explanation>;
