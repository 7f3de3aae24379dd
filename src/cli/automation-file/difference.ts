/** In what an automation that is there differs from what a file says. */

import { readAutomation } from '../../contract/decode/automation.ts';
import { assert } from '../../core/errors.ts';
import { wireText } from '../../contract/wire-json.ts';
import { ACTION_LISTS, isFields, withParts, type Fields } from './written-part.ts';

export interface Difference {
  /** For instance `trigger.within`, `actions[0].parameters.limit`. */
  readonly path: string;
  /** As JSON; `null`: nothing. */
  readonly from: string | null;
  readonly to: string | null;
}

const SAID = ['name', 'description', 'enabled', 'tags'] as const;
/** Lists whose order says nothing. */
const SETS = /(?:^|\.)(?:after|expect|for_each|tags)$/;

/** @param there as the API answers it @param wanted as the API takes it; what it does not say stays as it is */
export function differences(there: Fields, wanted: Fields): readonly Difference[] {
  const read = readAutomation(wanted, wanted, () => null);
  assert(read.ok, 'what a file says was looked at when it was read');
  const { trigger, actions, actionsOnTrigger, actionsOnResolve } = read.read;
  const filled: Fields = {
    ...Object.fromEntries(SAID.filter((name) => name in wanted).map((name) => [name, wanted[name]])),
    trigger,
    actions,
    ...(actionsOnTrigger === undefined ? {} : { actions_on_trigger: actionsOnTrigger }),
    ...(actionsOnResolve === undefined ? {} : { actions_on_resolve: actionsOnResolve }),
  };
  const kept = Object.fromEntries(Object.keys(filled).map((name) => [name, there[name]]));
  const [from, to] = [leaves(withoutIds(kept)), leaves(withoutIds(filled))];
  return [...new Set([...from.keys(), ...to.keys()])]
    .filter((path) => !isSame(from.get(path), to.get(path)))
    .map((path) => ({ path, from: from.get(path) ?? null, to: to.get(path) ?? null }));
}

/** Each level of a trigger has an id, a new one with each change. */
export function withoutIds(automation: Fields): Fields {
  return withParts(automation, ({ noun, fields }) => {
    if (noun === 'action') return fields;
    const { id: _, ...rest } = fields;
    return rest;
  });
}

/** What is at the ends, as JSON. */
function leaves(value: Fields): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const look = (part: unknown, path: string): void => {
    if (Array.isArray(part) && part.some((item) => typeof item === 'object' && item !== null))
      for (const [index, item] of part.entries()) look(item, `${path}[${index}]`);
    else if (isFields(part) && Object.keys(part).length > 0)
      for (const [name, item] of Object.entries(part)) look(item, path === '' ? name : `${path}.${name}`);
    else
      found.set(
        path,
        wireText(SETS.test(path) && Array.isArray(part) ? part.map(String).toSorted((a, b) => (a < b ? -1 : 1)) : part),
      );
  };
  look(value, '');
  for (const list of ACTION_LISTS) if (found.get(list) === '[]') found.delete(list);
  return found;
}

/** `1` and `1.0` are the same number. */
function isSame(from: string | undefined, to: string | undefined): boolean {
  if (from === to) return true;
  if (from === undefined || to === undefined) return false;
  const [one, other]: readonly unknown[] = [JSON.parse(from), JSON.parse(to)];
  return typeof one === 'number' && one === other && !(Number.isInteger(one) && !Number.isSafeInteger(one));
}
