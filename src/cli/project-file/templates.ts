/**
 * Templates in `ostinato.yaml`: `{{ env.NAME }}`, `{{ variables.NAME }}` and `{{ blocks.TYPE.NAME.FIELD }}`.
 *
 * Nothing else stands between the braces: no calls, no filters, nothing that runs. What is not known is a complaint,
 * never an empty text.
 */

import { shellWord } from '../../core/shell-word.ts';
import type { Complaint, Place } from '../deployment-file/written-document.ts';

export interface TemplateSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `undefined`: there is none. */
  readonly variable: (name: string) => Promise<unknown>;
  /** The fields of a block; `undefined`: there is none. */
  readonly block: (type: string, name: string) => Promise<Readonly<Record<string, unknown>> | undefined>;
}

type Path = readonly (string | number)[];

const TEMPLATE = /\{\{([^{}]*)\}\}/g;
const NAME = /^[A-Za-z_][\w-]*$/;
const FORMS = 'Write {{ env.NAME }}, {{ variables.NAME }} or {{ blocks.TYPE.NAME.FIELD }}.';
/** What the server shows in place of a secret. */
const HIDDEN = /^\*{8}/;

export function hasTemplate(text: string): boolean {
  return text.includes('{{');
}

/**
 * The value with all templates filled in. One that is a whole text becomes what the variable holds (a number, a list);
 * one inside a text becomes text.
 */
export async function fillTemplates(
  value: unknown,
  sources: TemplateSources,
  placeOf: (path: Path) => Place,
  path: Path = [],
): Promise<{ readonly value: unknown; readonly complaints: readonly Complaint[] }> {
  if (typeof value === 'string') return await fillText(value, sources, placeOf(path));
  if (typeof value !== 'object' || value === null) return { value, complaints: [] };
  const complaints: Complaint[] = [];
  const fill = async (part: unknown, step: string | number): Promise<unknown> => {
    const filled = await fillTemplates(part, sources, placeOf, [...path, step]);
    complaints.push(...filled.complaints);
    return filled.value;
  };
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const [index, item] of value.entries()) items.push(await fill(item, index));
    return { value: items, complaints };
  }
  const members: [string, unknown][] = [];
  for (const [name, part] of Object.entries(value)) members.push([name, await fill(part, name)]);
  return { value: Object.fromEntries(members), complaints };
}

async function fillText(text: string, sources: TemplateSources, place: Place) {
  if (!hasTemplate(text)) return { value: text, complaints: [] };
  const complaints: Complaint[] = [];
  const found: { readonly whole: string; readonly value: unknown }[] = [];
  for (const [whole, inside = ''] of text.matchAll(TEMPLATE)) {
    const looked = await look(inside.trim(), sources);
    if ('message' in looked) complaints.push({ ...place, ...looked });
    else found.push({ whole, value: looked.value });
  }
  if (hasTemplate(text.replaceAll(TEMPLATE, '')))
    complaints.push({ ...place, message: 'A template is not closed.', advice: FORMS });
  if (complaints.length > 0) return { value: text, complaints };
  const [only] = found;
  if (only !== undefined && text.trim() === only.whole) return { value: only.value, complaints };
  const values = found.map(({ value }) => (typeof value === 'string' ? value : JSON.stringify(value)));
  return { value: text.replaceAll(TEMPLATE, () => values.shift() ?? ''), complaints };
}

type Looked = { readonly value: unknown } | Pick<Complaint, 'message' | 'advice'>;

async function look(expression: string, { env, variable, block }: TemplateSources): Promise<Looked> {
  const [kind, ...names] = expression.split('.');
  const [name = '', ofBlock = '', field = ''] = names;
  const isWellFormed = names.every((each) => NAME.test(each));
  if (kind === 'env' && isWellFormed && names.length === 1) {
    const value = env[name];
    if (value !== undefined) return { value };
    return { message: `The environment has no ${name}.`, advice: `Set it: export ${name}=…` };
  }
  if (kind === 'variables' && isWellFormed && names.length === 1) {
    const value = await variable(name);
    if (value !== undefined) return { value };
    return {
      message: `There is no variable "${name}".`,
      advice: `Set it: ostinato variable set ${shellWord(name)} VALUE`,
    };
  }
  if (kind === 'blocks' && isWellFormed && names.length === 3) {
    const fields = await block(name, ofBlock);
    if (fields === undefined)
      return { message: `There is no block "${name}/${ofBlock}".`, advice: 'Take one from: ostinato block ls' };
    if (!Object.hasOwn(fields, field))
      return { message: `The block has no field "${field}".`, advice: `It has: ${Object.keys(fields).join(', ')}.` };
    const value = fields[field];
    if (typeof value !== 'string' || !HIDDEN.test(value)) return { value };
    const message = `The field "${field}" of block "${name}/${ofBlock}" is a secret, which a deployment would show.`;
    return { message, advice: 'Let the flow read the block itself.' };
  }
  return { message: `"{{ ${expression} }}" is no template.`, advice: FORMS };
}
