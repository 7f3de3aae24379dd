/** Finds what files name: the ids of what actions are about. */

import { automationsOf, findAutomation } from '../../client/control/automations.ts';
import { findDeployment } from '../../client/control/find-deployment.ts';
import type { RouteContract } from '../../contract/route.ts';
import { READ_BLOCK_DOCUMENT_BY_NAME } from '../../contract/routes/blocks.ts';
import { VALIDATE_TEMPLATE } from '../../contract/routes/user-texts.ts';
import { READ_WORK_POOL } from '../../contract/work-pool.ts';
import { READ_QUEUE_IN_POOL } from '../../contract/work-queue.ts';
import { templatesOf } from '../../contract/decode/automation.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { Complaint } from '../deployment-file/written-document.ts';
import type { PlaneContext } from '../open-plane.ts';
import { NAMED_TARGETS } from './named-targets.ts';
import type { WrittenAutomation } from './read-file.ts';
import { isFields, partsOf, withParts, type Fields, type Path } from './written-part.ts';

type Plane = Pick<PlaneContext, 'plane' | 'deployments'>;

export interface SettledAutomation {
  readonly name: string;
  /** What the API takes. */
  readonly fields: Fields;
}

/** The automation with ids for names, or what the server does not know, and which templates it cannot render. */
export async function settle(
  context: Plane,
  { name, fields, placeOf }: WrittenAutomation,
): Promise<SettledAutomation | readonly Complaint[]> {
  const complaints: Complaint[] = [];
  const ids = new Map<string, string>();
  for (const part of partsOf(fields)) {
    if (part.noun === 'trigger') continue;
    for (const [field, value] of Object.entries(part.fields)) {
      if (!Object.hasOwn(NAMED_TARGETS, field)) continue;
      const path = [...part.path, field];
      const found = await idOf(context, field, String(value));
      if (typeof found === 'string') ids.set(path.join('/'), found);
      else complaints.push({ ...placeOf(path), ...found });
    }
  }
  complaints.push(
    ...(await wrongTemplates(context, fields)).map(({ path, ...words }) => ({ ...placeOf(path), ...words })),
  );
  if (complaints.length > 0) return complaints;
  return {
    name,
    fields: withParts(fields, ({ noun, path, fields: part }) =>
      noun === 'trigger' ? part : withIds(part, (field) => ids.get([...path, field].join('/'))),
    ),
  };
}

function withIds(action: Fields, idOfField: (field: string) => string | undefined): Fields {
  return Object.fromEntries(
    Object.entries(action).map(([field, value]) => {
      const id = idOfField(field);
      const target = NAMED_TARGETS[field];
      return id === undefined || target === undefined ? [field, value] : [target.id, id];
    }),
  );
}

type Words = Pick<Complaint, 'message' | 'advice'>;

async function idOf({ plane, deployments }: Plane, field: string, word: string): Promise<string | Words> {
  const slash = word.indexOf('/');
  const [before, after] = slash < 0 ? [word, ''] : [word.slice(0, slash), word.slice(slash + 1)];
  const read = async (route: RouteContract, params: Readonly<Record<string, string>>): Promise<string | null> =>
    ((await plane.find(route, params))?.plain as { readonly id: string } | undefined)?.id ?? null;
  try {
    switch (field) {
      case 'deployment':
        return (await findDeployment(deployments, word)).plain.id;
      case 'automation':
        return (await findAutomation(automationsOf(plane), word)).plain.id;
      case 'work_pool':
        return (await read(READ_WORK_POOL, { name: word })) ?? unknown(field, word);
      case 'work_queue':
        return (await read(READ_QUEUE_IN_POOL, { work_pool_name: before, name: after })) ?? unknown(field, word);
      default:
        return (
          (await read(READ_BLOCK_DOCUMENT_BY_NAME, { slug: before, block_document_name: after })) ??
          unknown(field, word)
        );
    }
  } catch (error) {
    const isAbout = OstinatoError.is(error) && ['not-found', 'conflict', 'bad-input'].includes(error.code);
    if (!isAbout) throw error;
    return { message: error.message, advice: error.remedy ?? '' };
  }
}

function unknown(field: string, word: string): Words {
  const target = NAMED_TARGETS[field];
  const message = `There is no ${field.replaceAll('_', ' ')} ${JSON.stringify(word)}.`;
  return { message, advice: `Write ${target?.must}, for instance: ${target?.example}` };
}

async function wrongTemplates({ plane }: Plane, fields: Fields): Promise<readonly (Words & { readonly path: Path })[]> {
  const wrong: (Words & { readonly path: Path })[] = [];
  const [, route] = VALIDATE_TEMPLATE;
  for (const template of templatesOf(fields)) {
    const { status, plain } = await plane.ask(route, { body: template, expected: [422] });
    if (status !== 422) continue;
    const said = (plain as { readonly error?: { readonly message?: string } } | null)?.error?.message ?? 'it is wrong';
    const path = placeIn(fields, template, []) ?? ['actions'];
    const message = `The server cannot render ${JSON.stringify(template.slice(0, 60))}: ${said.replace(/\.$/, '')}.`;
    wrong.push({ path, message, advice: 'Write a Jinja template, for instance: {{ flow_run.name }}' });
  }
  return wrong;
}

function placeIn(value: unknown, text: string, path: Path): Path | null {
  if (value === text) return path;
  if (!isFields(value) && !Array.isArray(value)) return null;
  for (const [key, part] of Object.entries(value)) {
    const found = placeIn(part, text, [...path, Array.isArray(value) ? Number(key) : key]);
    if (found !== null) return found;
  }
  return null;
}
