/** Parts of an automation as people write them: triggers, triggers of triggers, and actions, each with its kind. */

import { ACTION_KINDS, TRIGGER_KINDS, type DescribedKind } from '../../contract/decode/automation-kinds.ts';
import { FILLED_IN, isTimeInState, TIME_IN_STATE } from '../../contract/decode/time-in-state.ts';
import { isRecord as isFields } from '../../core/blocks/json.ts';

export type Fields = Readonly<Record<string, unknown>>;
export type Path = readonly (string | number)[];

export const ACTION_LISTS = ['actions', 'actions_on_trigger', 'actions_on_resolve'] as const;

export { isFields };

/** A trigger or an action that consists of fields. */
export interface WrittenPart {
  readonly noun: 'trigger' | 'action';
  readonly path: Path;
  readonly fields: Fields;
  /** `null`: there is none of its type. */
  readonly kind: DescribedKind | null;
}

/** Each of them, what contains others before these. */
export function* partsOf(automation: Fields): Generator<WrittenPart> {
  yield* triggersIn(automation['trigger'], ['trigger']);
  for (const list of ACTION_LISTS)
    for (const [index, fields] of listIn(automation[list]).entries())
      if (isFields(fields)) yield { noun: 'action', path: [list, index], fields, kind: kindOfAction(fields) };
}

function* triggersIn(fields: unknown, path: Path): Generator<WrittenPart> {
  if (!isFields(fields)) return;
  yield { noun: 'trigger', path, fields, kind: kindOfTrigger(fields) };
  for (const [index, part] of listIn(fields['triggers']).entries())
    yield* triggersIn(part, [...path, 'triggers', index]);
}

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** One that does not say what it is, is known by what it has. */
export function kindOfTrigger(fields: Fields): DescribedKind | null {
  if (isTimeInState(fields)) return TRIGGER_KINDS.find(({ name }) => name === TIME_IN_STATE.name) ?? null;
  const single = fields['posture'] === 'Metric' ? 'metric' : 'event';
  const told = fields['type'] ?? ('triggers' in fields ? ('require' in fields ? 'compound' : 'sequence') : single);
  return TRIGGER_KINDS.find(({ type }) => type === told) ?? null;
}

/** What the server fills in by itself: nobody need write it, and it changes nothing. */
export function filledIn({ name }: DescribedKind): readonly string[] {
  return name === TIME_IN_STATE.name ? FILLED_IN : [];
}

function kindOfAction(fields: Fields): DescribedKind | null {
  return ACTION_KINDS.find(({ type }) => type === fields['type']) ?? null;
}

/** Whether a function of its fields says something else of a part of it; all others are left as they are. */
export function withParts(automation: Fields, change: (part: WrittenPart) => Fields): Fields {
  const trigger = (fields: unknown, path: Path): unknown => {
    if (!isFields(fields)) return fields;
    const changed = change({ noun: 'trigger', path, fields, kind: kindOfTrigger(fields) });
    const parts = changed['triggers'];
    return Array.isArray(parts)
      ? { ...changed, triggers: parts.map((part: unknown, index) => trigger(part, [...path, 'triggers', index])) }
      : changed;
  };
  const actions = (list: string): unknown =>
    Array.isArray(automation[list])
      ? automation[list].map((fields: unknown, index) =>
          isFields(fields)
            ? change({ noun: 'action', path: [list, index], fields, kind: kindOfAction(fields) })
            : fields,
        )
      : automation[list];
  return {
    ...automation,
    ...('trigger' in automation ? { trigger: trigger(automation['trigger'], ['trigger']) } : {}),
    ...Object.fromEntries(ACTION_LISTS.flatMap((list) => (list in automation ? [[list, actions(list)]] : []))),
  };
}
