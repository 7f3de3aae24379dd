/** Back-tests of automations, on the wire: of Ostinato alone. */

import { AUTOMATION_FIELDS } from './automation.ts';
import { BULKY_BODY } from './json-bounds.ts';
import { Action, Maybe, TimeIn, UuidIn, type RouteContract } from './route.ts';
import { Count, DateTime, EXACT, Nullable, Uuid, Whole } from './schema/scalars.ts';
import { Type, type Static } from './type.ts';
import { formatInstant } from '../core/time.ts';
import type { CountedWindow } from '../core/automations/replay.ts';

const Texts = Type.Record(Type.String(), Type.String());

const Counted = Type.Object({ id: Uuid, occurred: DateTime }, EXACT);

const CountedWindowOut = Type.Object(
  {
    trigger_id: Uuid,
    labels: Texts,
    start: DateTime,
    /** Not included. */
    end: DateTime,
    count: Count,
    threshold: Type.Number(),
    /** The first 50. */
    events: Type.Array(Counted),
  },
  EXACT,
);

const PreviewOut = Type.Object(
  {
    /** Which of the automation's actions, from 0. */
    index: Count,
    type: Type.String(),
    target: Nullable(Type.Object({ kind: Type.String(), id: Type.String(), name: Nullable(Type.String()) }, EXACT)),
    /** What it would send, rendered, by the names of its fields. */
    texts: Texts,
    /** Why it would be refused. */
    refusal: Nullable(Type.String()),
  },
  EXACT,
);

export const BackTestFiring = Type.Object(
  {
    /** As the firing of an automation has it: the same for the same cause. */
    id: Uuid,
    at: DateTime,
    labels: Texts,
    /** The event by which it came to it; `null`: none has ever come. */
    event: Nullable(
      Type.Object({ id: Uuid, name: Type.String(), occurred: DateTime, resource_id: Type.String() }, EXACT),
    ),
    windows: Type.Array(CountedWindowOut),
    actions: Type.Array(PreviewOut),
  },
  EXACT,
);
export type BackTestFiring = Static<typeof BackTestFiring>;

const Happening = Type.Object(
  {
    what: Type.String({
      description:
        'counted, opened, early, late, open-already, kept, repeated, unopened, unexpected; of windows: ended, fired',
    }),
    labels: Texts,
    /** Of the window. */
    start: Nullable(DateTime),
    end: Nullable(DateTime),
    count: Nullable(Count),
    firing_id: Nullable(Uuid),
  },
  EXACT,
);

const Verdict = Type.Object(
  {
    trigger_id: Uuid,
    /** The first thing that it has otherwise; `null`: the trigger looks at it. */
    passed_over: Nullable(
      Type.Object(
        {
          what: Type.String({ description: 'name, label, related-label, received' }),
          label: Type.String(),
          expected: Type.Array(Type.String()),
          actual: Nullable(Type.String()),
        },
        EXACT,
      ),
    ),
    happenings: Type.Array(Happening),
  },
  EXACT,
);
export type BackTestVerdict = Static<typeof Verdict>;

const Hint = Type.Object(
  {
    trigger_id: Uuid,
    what: Type.String({ description: 'name, label, related-label' }),
    label: Type.String(),
    expected: Type.Array(Type.String()),
    count: Count,
    nearest: Type.Array(Type.Object({ value: Type.String(), count: Count }, EXACT)),
  },
  EXACT,
);
export type BackTestHint = Static<typeof Hint>;

export const BackTestAnswer = Type.Object(
  {
    automation_id: Uuid,
    /** From when on, and up to when: not from before the first event that is stored, nor for times to come. */
    since: DateTime,
    until: DateTime,
    /** Firings of this call that were asked for, and how many there were. */
    firings: Type.Array(BackTestFiring),
    fired: Count,
    near_misses: Type.Array(CountedWindowOut),
    missed: Count,
    verdicts: Type.Array(Verdict),
    /** Events that were looked at, in this call and before. */
    events: Count,
    at: Nullable(DateTime),
    /** 0 to 1. */
    progress: Type.Number(),
    ended_early: Nullable(Type.String()),
    hints: Type.Array(Hint),
    /** To be sent with the next call; `null`: this was all. */
    continuation: Nullable(Type.String()),
  },
  EXACT,
);
export type BackTestAnswer = Static<typeof BackTestAnswer>;
export type CountedWindowWire = Static<typeof CountedWindowOut>;

export const BACK_TEST = {
  method: 'POST',
  path: '/ostinato/automations/back-test',
  name: 'ostinato_back_test_automation',
  tag: 'Automations',
  summary: 'What an automation would have done with the events that are stored; nothing is done',
  body: Action({
    /** One that is there … */
    automation_id: Maybe(UuidIn),
    /** … or one as it would be sent to be made. */
    automation: Maybe(Action(AUTOMATION_FIELDS)),
    since: TimeIn,
    until: Maybe(TimeIn),
    /** Firings that this call tells; default 200. */
    limit: Type.Optional(Whole({ minimum: 0, maximum: 1000 })),
    /** Whether to tell what their actions would do. */
    preview: Type.Optional(Type.Boolean()),
    /** Then what became of this event is told, and only firings for which it counted. */
    event_id: Maybe(UuidIn),
    firing_id: Maybe(UuidIn),
    continuation: Maybe(Type.String()),
  }),
  bodyLimits: BULKY_BODY,
  answers: { 200: BackTestAnswer },
} as const satisfies RouteContract;
export type BackTestBody = Static<(typeof BACK_TEST)['body']>;

export function encodeCountedWindow(window: CountedWindow): CountedWindowWire {
  const { triggerId, labels, start, end, count, threshold, events } = window;
  return {
    trigger_id: triggerId,
    labels,
    start: formatInstant(start),
    end: formatInstant(end),
    count,
    threshold,
    events: events.map(({ id, occurred }) => ({ id, occurred: formatInstant(occurred) })),
  };
}
