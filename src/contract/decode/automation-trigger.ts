/** Triggers of automations, as they are sent. Source: Prefect 3.9.1, `server/events/schemas/automations.py`. */

import { Whole } from '../schema/scalars.ts';
import { readDuration } from './duration.ts';
import {
  duration,
  fitting,
  listOf,
  needed,
  oneOfKinds,
  optional,
  orNull,
  text,
  word,
  type Kind,
  type Read,
} from './kinds.ts';
import { METRIC } from './metric-trigger.ts';
import { RESOURCE_MEMBERS } from './resource-match.ts';
import { isTimeInState, TIME_IN_STATE } from './time-in-state.ts';

/** One trigger as it is answered. */
export type TriggerOut = Readonly<Record<string, unknown>>;

const PROACTIVE_SECONDS_MIN = 10;

const within: Read = (sent, findings) => {
  const seconds = duration(sent, findings);
  if (typeof seconds === 'number' && seconds < 0) {
    const msg = 'Input should be greater than or equal to 0 seconds';
    findings.add(sent.path, { type: 'greater_than_equal', msg, ctx: { ge: '0 seconds' } }, sent.plain);
  }
  return seconds;
};

const events = optional(listOf(text, 'set'), []);

const EVENT: Kind = {
  name: 'EventTrigger',
  before(sent) {
    if (sent['within'] === null) return '`within` should be a valid timedelta';
    const seconds = readDuration(sent['within']);
    const isTooShort = seconds !== null && seconds !== 0 && seconds < PROACTIVE_SECONDS_MIN;
    return sent['posture'] === 'Proactive' && isTooShort
      ? '`within` for Proactive triggers must be greater than or equal to 10 seconds'
      : null;
  },
  members: {
    type: optional(word(['event']), 'event'),
    ...RESOURCE_MEMBERS,
    after: events,
    expect: events,
    for_each: events,
    posture: needed(word(['Reactive', 'Proactive'], 'literal_error', (posture) => `Posture.${posture}`)),
    threshold: optional(fitting(Whole()), 1),
    within: optional(within, 0),
  },
  after(read) {
    if (read['posture'] === 'Proactive' && read['within'] === 0) read['within'] = PROACTIVE_SECONDS_MIN;
    return null;
  },
};

const require: Read = (sent, findings) => {
  const { plain, path } = sent;
  if (plain === 'any' || plain === 'all') return plain;
  const before = findings.problems.length;
  const whole = fitting(Whole())({ ...sent, path: [...path, 'int'] }, findings);
  if (findings.problems.length > before)
    word(['any', 'all'])({ ...sent, path: [...path, "literal['any','all']"] }, findings);
  return whole;
};

/**
 * The triggers of one that has not been found wrong yet, and last of its members: they are read for one kind of the
 * whole, not for each, since every level would double what there is to read.
 */
const parts: Read = (sent, findings) =>
  findings.problems.length === 0 ? listOf(readTrigger)(sent, findings) : listOf(() => null)(sent, findings);

const COMPOUND: Kind = {
  name: 'function-after[validate_require(), CompoundTrigger]',
  members: {
    type: optional(word(['compound']), 'compound'),
    id: RESOURCE_MEMBERS.id,
    within: needed(orNull(duration)),
    require: needed(require),
    triggers: needed(parts),
  },
  after({ require: required, triggers }) {
    if (typeof required !== 'number') return null;
    if (required < 1) return 'require must be at least 1';
    if (required > (triggers as readonly unknown[]).length)
      return 'require must be less than or equal to the number of triggers';
    return null;
  },
};

const SEQUENCE: Kind = {
  name: 'SequenceTrigger',
  members: {
    type: optional(word(['sequence']), 'sequence'),
    id: RESOURCE_MEMBERS.id,
    within: needed(orNull(duration)),
    triggers: needed(parts),
  },
};

const UNION: readonly Kind[] = [EVENT, COMPOUND, SEQUENCE];
/** Of several of one type the first is the usual one. */
export const TRIGGERS: readonly Kind[] = [...UNION, METRIC, TIME_IN_STATE];

/** One that does not say what it is, and how many it requires, is no sequence. */
const readUnion = oneOfKinds((sent) => {
  if (sent['type'] === 'metric' || (sent['type'] === undefined && sent['posture'] === 'Metric')) return [METRIC];
  if (isTimeInState(sent)) return [TIME_IN_STATE];
  return sent['type'] === undefined && sent['require'] !== undefined ? [EVENT, COMPOUND] : UNION;
});

export function readTrigger(...[sent, findings]: Parameters<Read>): unknown {
  return readUnion(sent, findings);
}

/** With new ids on all levels: those that clients send are theirs. */
export function withIds(trigger: TriggerOut, nextId: () => string): TriggerOut {
  const { triggers } = trigger;
  return {
    ...trigger,
    id: nextId(),
    ...(Array.isArray(triggers)
      ? { triggers: (triggers as readonly TriggerOut[]).map((part) => withIds(part, nextId)) }
      : {}),
  };
}
