/** Writes an automation as a file: what says nothing beside the defaults is left out. */

import { stringify } from 'yaml';

import { wireText } from '../../contract/wire-json.ts';
import { numberText } from '../../core/blocks/json.ts';
import { withoutIds } from './difference.ts';
import { ACTION_LISTS, filledIn, isFields, withParts, type Fields } from './written-part.ts';

/** @param there as the API answers it, with exact numbers */
export function fileOf(there: Fields): Fields {
  const { name, description, enabled, tags, trigger } = there;
  const lists = ACTION_LISTS.flatMap((list): [string, unknown][] =>
    list === 'actions' || wireText(there[list]) !== '[]' ? [[list, there[list]]] : [],
  );
  const said: Fields = {
    name,
    ...(description === '' ? {} : { description }),
    ...(enabled === true ? {} : { enabled }),
    ...(wireText(tags) === '[]' ? {} : { tags }),
    trigger,
    ...Object.fromEntries(lists),
  };
  return withParts(withoutIds(said), ({ fields, kind }) => {
    if (kind === null) return fields;
    const { type, ...rest } = fields;
    const told = Object.entries(rest).filter(
      ([member, value]) =>
        !filledIn(kind).includes(member) &&
        (kind.members.get(member) === undefined || wireText(kind.members.get(member)) !== wireText(value)),
    );
    return { type, ...Object.fromEntries(told) };
  });
}

export function yamlOf(file: Fields): string {
  // Texts such as `yes` and `12:30` are put between quotes: Python's readers take them for something else.
  return stringify(sayable(file), { lineWidth: 0, aliasDuplicateObjects: false, compat: 'yaml-1.1' });
}

/** Whole numbers to the last digit. */
function sayable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sayable);
  if (isFields(value)) return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, sayable(part)]));
  const number = numberText(value);
  if (number === null) return value;
  return /^-?\d+$/.test(number) ? BigInt(number) : Number(number);
}
