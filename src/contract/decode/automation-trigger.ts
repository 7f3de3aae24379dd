/** Triggers of automations, as they are sent. Source: Prefect 3.9.1, `server/events/schemas/automations.py`. */

import { UuidIn } from '../route.ts';
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
  partOf,
  text,
  word,
  type Kind,
  type Read,
} from './kinds.ts';

/** One trigger as it is answered. */
export type TriggerOut = Readonly<Record<string, unknown>>;

const PROACTIVE_SECONDS_MIN = 10;

/** Labels of a resource, each with one value or several. */
function labels(modelName: string | null): Read {
  return (sent, findings) => {
    const { plain, path } = sent;
    if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) {
      const names = modelName === null ? [] : [modelName, 'dict[str,union[str,list[str]]]'];
      for (const name of names)
        findings.add([...path, name], { type: 'dict_type', msg: 'Input should be a valid dictionary' }, plain);
      return null;
    }
    const read: [string, unknown][] = [];
    for (const [label, value] of Object.entries(plain)) {
      if (typeof value === 'string' || (Array.isArray(value) && value.every((one) => typeof one === 'string')))
        read.push([label, value]);
      else {
        const place = [...path, label];
        findings.add([...place, 'str'], { type: 'string_type', msg: 'Input should be a valid string' }, value);
        if (Array.isArray(value)) listOf(text)({ ...partOf(sent, label), path: [...place, 'list[str]'] }, findings);
        else findings.add([...place, 'list[str]'], { type: 'list_type', msg: 'Input should be a valid list' }, value);
      }
    }
    return Object.fromEntries(read);
  };
}

const match = labels('ResourceSpecification');
const LIST_OF_LABELS = 'list[union[ResourceSpecification,dict[str,union[str,list[str]]]]]';

const matchRelated: Read = (sent, findings) => {
  // Places in it are told without their numbers, as there.
  if (Array.isArray(sent.plain))
    return listOf((item, found) => match({ ...item, path: sent.path }, found))(sent, findings);
  const before = findings.problems.length;
  const read = match(sent, findings);
  if (findings.problems.length > before && (typeof sent.plain !== 'object' || sent.plain === null))
    findings.add(
      [...sent.path, LIST_OF_LABELS],
      { type: 'list_type', msg: 'Input should be a valid list' },
      sent.plain,
    );
  return read;
};

const within: Read = (sent, findings) => {
  const seconds = duration(sent, findings);
  if (typeof seconds === 'number' && seconds < 0) {
    const msg = 'Input should be greater than or equal to 0 seconds';
    findings.add(sent.path, { type: 'greater_than_equal', msg, ctx: { ge: '0 seconds' } }, sent.plain);
  }
  return seconds;
};

const id = optional(fitting(UuidIn), '');
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
    id,
    match: optional(match, {}),
    match_related: optional(matchRelated, {}),
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
    id,
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
    id,
    within: needed(orNull(duration)),
    triggers: needed(parts),
  },
};

export const TRIGGERS: readonly Kind[] = [EVENT, COMPOUND, SEQUENCE];

/** One that does not say what it is, and how many it requires, is no sequence. */
const readUnion = oneOfKinds((sent) =>
  sent['type'] === undefined && sent['require'] !== undefined ? [EVENT, COMPOUND] : TRIGGERS,
);

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
