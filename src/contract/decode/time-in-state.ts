/**
 * Triggers on the time that a flow run is in a state, as they are sent: an extension of event triggers, which Prefect
 * does not have.
 *
 * To its clients one is an event trigger that says nearly the same: after the run has come to the state, nothing else
 * of it was heard `within` the time. They show it so, and leave out what they do not know when they write it back: it
 * is kept then (`withStaysKept`).
 */

import { TERMINAL_STATE_TYPES, type StateType } from '../../core/state.ts';
import { Whole } from '../schema/scalars.ts';
import { Type } from '../type.ts';
import { duration, fitting, needed, ofKind, optional, orNull, word, type Kind, type Read } from './kinds.ts';
import { TRIGGER_SECONDS_MAX } from './metric-trigger.ts';
import { RESOURCE_MEMBERS } from './resource-match.ts';

const STATES_MAX = 20;
const STATE_CHARACTERS_MAX = 200;
/** Within which Prefect's clients take a proactive trigger. */
const WITHIN_SECONDS_MIN = 10;
const RUNS_MAX = 1000;

/** Prefect's names of states, and their types. */
const STATE_NAMES: Readonly<Record<string, StateType>> = {
  Scheduled: 'SCHEDULED',
  Late: 'SCHEDULED',
  AwaitingRetry: 'SCHEDULED',
  AwaitingConcurrencySlot: 'SCHEDULED',
  Resuming: 'SCHEDULED',
  Pending: 'PENDING',
  Running: 'RUNNING',
  Retrying: 'RUNNING',
  Paused: 'PAUSED',
  Suspended: 'PAUSED',
  Cancelling: 'CANCELLING',
  Cancelled: 'CANCELLED',
  Completed: 'COMPLETED',
  Cached: 'COMPLETED',
  RolledBack: 'COMPLETED',
  Failed: 'FAILED',
  TimedOut: 'FAILED',
  Crashed: 'CRASHED',
};

const isFinal = (name: string): boolean => TERMINAL_STATE_TYPES.some((type) => type === STATE_NAMES[name]);

const states: Read = (sent, findings) => {
  const before = findings.problems.length;
  const read = fitting(
    Type.Array(Type.String({ minLength: 1, maxLength: STATE_CHARACTERS_MAX }), { minItems: 1, maxItems: STATES_MAX }),
  )(sent, findings) as readonly string[];
  if (findings.problems.length > before) return null;
  for (const [index, name] of read.entries())
    if (isFinal(name)) findings.addRule([...sent.path, index], `A run does not leave the state ${name}`, name);
  return [...new Set(read)];
};

const length: Read = (sent, findings) => {
  const before = findings.problems.length;
  const seconds = duration(sent, findings);
  if (findings.problems.length > before || typeof seconds !== 'number') return seconds;
  if (seconds < 1) findings.addRule(sent.path, 'The minimum time is 1 second', sent.plain);
  if (seconds > TRIGGER_SECONDS_MAX) findings.addRule(sent.path, 'The maximum time is 366 days', sent.plain);
  return seconds;
};

const USUAL: Kind = {
  name: 'longer_than',
  members: {
    percentile: optional(fitting(Type.Number({ exclusiveMinimum: 0, maximum: 100 })), 95),
    times: optional(fitting(Type.Number({ exclusiveMinimum: 0, maximum: 1000 })), 1),
    of: optional(word(['flow', 'deployment']), 'flow'),
    runs: optional(fitting(Whole({ minimum: 1, maximum: RUNS_MAX })), 30),
    runs_min: optional(fitting(Whole({ minimum: 1, maximum: RUNS_MAX })), 5),
  },
  after: ({ runs, runs_min: least }) =>
    Number(least) > Number(runs) ? 'runs_min must be less than or equal to runs' : null,
};

const TIME: Kind = {
  name: 'time_in_state',
  members: {
    states: needed(states),
    for: optional(orNull(length), null),
    longer_than: optional(orNull(ofKind(USUAL)), null),
  },
  after({ states: names, for: seconds, longer_than: usual }) {
    if (seconds === null && usual === null) return 'One of `for` and `longer_than` must be given';
    const isRunning = (names as readonly string[]).every((name) => name === 'Running');
    return usual === null || isRunning ? null : '`longer_than` is about the state Running alone';
  },
};

export const TIME_IN_STATE: Kind = {
  name: 'TimeInStateTrigger',
  members: {
    type: optional(word(['event']), 'event'),
    ...RESOURCE_MEMBERS,
    posture: optional(
      word(['Proactive'], 'literal_error', (posture) => `Posture.${posture}`),
      'Proactive',
    ),
    time_in_state: needed(ofKind(TIME)),
  },
  after(read) {
    const { states: names, for: seconds } = read['time_in_state'] as {
      readonly states: readonly string[];
      readonly for: number | null;
    };
    const event = (name: string): string => `prefect.flow-run.${name}`;
    Object.assign(read, {
      after: names.map(event),
      expect: Object.keys(STATE_NAMES)
        .filter((name) => !names.includes(name))
        .map(event),
      for_each: ['prefect.resource.id'],
      threshold: 1,
      within: Math.max(seconds ?? 0, WITHIN_SECONDS_MIN),
    });
    return null;
  },
};

/** Whether it is one, and no other event trigger. */
export function isTimeInState(sent: Readonly<Record<string, unknown>>): boolean {
  const { type, time_in_state: time } = sent;
  return time !== undefined && time !== null && (type === undefined || type === 'event');
}

type Trigger = Readonly<Record<string, unknown>>;

/** What is filled in: one that says all of it as before was read by somebody who does not know the rest. */
export const FILLED_IN = ['posture', 'after', 'expect', 'for_each', 'threshold', 'within'] as const;

/**
 * A trigger as it is sent, with the time in a state of what stood in its place where it was left out. Who wants the
 * event trigger that is left then says something else in it.
 */
export function withStaysKept(before: Trigger, sent: Trigger): Trigger {
  if (isTimeInState(before) && !isTimeInState(sent) && FILLED_IN.every((member) => isSame(before, sent, member)))
    return { ...sent, time_in_state: before['time_in_state'] };
  const [were, parts] = [before['triggers'], sent['triggers']];
  if (!Array.isArray(were) || !Array.isArray(parts)) return sent;
  const places = were as readonly (Trigger | undefined)[];
  return {
    ...sent,
    triggers: (parts as readonly Trigger[]).map((part, index) => withStaysKept(places[index] ?? {}, part)),
  };
}

/** Sets of texts have no order. */
function isSame(before: Trigger, sent: Trigger, member: (typeof FILLED_IN)[number]): boolean {
  const text = (value: unknown): string =>
    JSON.stringify(Array.isArray(value) ? (value as readonly unknown[]).map(String).toSorted() : value);
  return text(before[member]) === text(sent[member]);
}
