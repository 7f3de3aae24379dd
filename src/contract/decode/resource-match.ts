/** Which resources a trigger looks at, as it is sent. Source: Prefect 3.9.1, `server/events/schemas/automations.py`. */

import { UuidIn } from '../route.ts';
import { fitting, listOf, optional, partOf, text, type Member, type Read } from './kinds.ts';

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

/** What triggers that are no composites have in common. */
export const RESOURCE_MEMBERS = {
  id: optional(fitting(UuidIn), ''),
  match: optional(match, {}),
  match_related: optional(matchRelated, {}),
} as const satisfies Readonly<Record<string, Member>>;
