/**
 * Templates in pull steps: `{{ prefect.blocks.TYPE.NAME.FIELD }}`, `{{ prefect.variables.NAME }}`, `{{ $NAME }}` and
 * `{{ STEP.OUTPUT }}`; as `ostinato.yaml` writes them, `blocks.…`, `variables.…` and `env.NAME`.
 *
 * What is not known is an error, never an empty text. What comes from a block is told to `secret`, which keeps it out
 * of the logs.
 */

import { OstinatoError } from '../errors.ts';
import { shellWord } from '../shell-word.ts';

export interface PullSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `undefined`: there is none. */
  readonly variable: (name: string) => Promise<unknown>;
  /** The fields of a block, secrets and all; `undefined`: there is none. */
  readonly block: (type: string, name: string) => Promise<Readonly<Record<string, unknown>> | undefined>;
  /** What steps have given, by their ids, and what they gave last. */
  readonly outputs: ReadonlyMap<string, unknown>;
  /** Hears of texts that must not be shown. */
  readonly secret: (text: string) => void;
}

const TEMPLATE = /\{\{([^{}]*)\}\}/g;
const ENVIRONMENT = /^(?:\$|env\.)([A-Za-z_]\w*)$/;
const VARIABLE = /^(?:prefect\.)?variables\.([\w-]+)$/;
const BLOCK = /^(?:prefect\.)?blocks\.([\w-]+)\.([\w-]+)((?:\.[\w-]+)*)$/;
const OUTPUT = /^[\w-]+(?:\.[\w-]+)*$/;
/** Shorter ones would hide half of every line. */
const SECRET_CHARACTERS_MIN = 4;

const OF_PREFECT = /\{\{\s*prefect\.(?:variables|blocks)\./;

/** As `fillPullTemplates`, in job variables: a text with no template of `prefect.…` may mean something else by `{{`. */
export function fillJobTemplates(
  value: unknown,
  { variable, block }: Pick<PullSources, 'variable' | 'block'>,
): Promise<unknown> {
  // What the worker has in its environment is none of a deployment's business.
  const sources: PullSources = { variable, block, environment: {}, outputs: new Map(), secret: () => {} };
  return mapTexts(value, async (text) => (OF_PREFECT.test(text) ? await fillText(text, sources) : text));
}

/** The value with all templates filled in: one that is a whole text becomes what it stands for. */
export function fillPullTemplates(value: unknown, sources: PullSources): Promise<unknown> {
  return mapTexts(value, (text) => fillText(text, sources));
}

/** The value with each text in it replaced, one after the other. */
async function mapTexts(value: unknown, replace: (text: string) => Promise<unknown>): Promise<unknown> {
  if (typeof value === 'string') return await replace(value);
  if (Array.isArray(value)) {
    const parts: unknown[] = [];
    for (const part of value) parts.push(await mapTexts(part, replace));
    return parts;
  }
  if (typeof value !== 'object' || value === null) return value;
  const members: [string, unknown][] = [];
  for (const [name, part] of Object.entries(value)) members.push([name, await mapTexts(part, replace)]);
  return Object.fromEntries(members);
}

export function hasPullTemplate(text: string): boolean {
  return text.includes('{{');
}

async function fillText(text: string, sources: PullSources): Promise<unknown> {
  if (!hasPullTemplate(text)) return text;
  const found: { readonly whole: string; readonly value: unknown }[] = [];
  for (const [whole, inside = ''] of text.matchAll(TEMPLATE))
    found.push({ whole, value: await look(inside.trim(), sources) });
  if (hasPullTemplate(text.replaceAll(TEMPLATE, '')))
    throw new OstinatoError('bad-input', `A template is not closed in ${JSON.stringify(text)}.`, { remedy: FORMS });
  const [only] = found;
  if (only !== undefined && text.trim() === only.whole) return only.value;
  const values = found.map(({ value }) => (typeof value === 'string' ? value : JSON.stringify(value)));
  return text.replaceAll(TEMPLATE, () => values.shift() ?? '');
}

const FORMS =
  'Write {{ prefect.blocks.TYPE.NAME.FIELD }}, {{ prefect.variables.NAME }}, {{ $NAME }} or {{ STEP.OUTPUT }}.';

async function look(expression: string, sources: PullSources): Promise<unknown> {
  const [, entry] = ENVIRONMENT.exec(expression) ?? [];
  if (entry !== undefined) {
    const value = sources.environment[entry];
    if (value !== undefined) return value;
    throw missing(`The worker's environment has no ${entry}.`, `Set it where the worker starts: export ${entry}=…`);
  }
  const [, variable] = VARIABLE.exec(expression) ?? [];
  if (variable !== undefined) {
    const value = await sources.variable(variable);
    if (value !== undefined) return value;
    throw missing(`There is no variable "${variable}".`, `Set it: ostinato variable set ${shellWord(variable)} VALUE`);
  }
  const [, type, name, path = ''] = BLOCK.exec(expression) ?? [];
  if (type !== undefined && name !== undefined) return await lookInBlock(type, name, path.split('.').slice(1), sources);
  if (OUTPUT.test(expression)) {
    const [step = '', ...rest] = expression.split('.');
    const value = memberOf(sources.outputs.get(step), rest);
    if (value !== undefined) return value;
  }
  throw missing(`"{{ ${expression} }}" stands for nothing that is known.`, FORMS);
}

async function lookInBlock(
  type: string,
  name: string,
  path: readonly string[],
  { block, secret }: PullSources,
): Promise<unknown> {
  const fields = await block(type, name);
  if (fields === undefined) throw missing(`There is no block "${type}/${name}".`, 'Take one from: ostinato block ls');
  tellTexts(fields, secret);
  const names = Object.keys(fields);
  // Blocks of one value, such as secrets, stand for it.
  if (path.length === 0) return names.length === 1 && names[0] === 'value' ? fields['value'] : fields;
  const value = memberOf(fields, path);
  if (value !== undefined) return value;
  throw missing(`The block "${type}/${name}" has no field "${path.join('.')}".`, `It has: ${names.join(', ')}.`);
}

function memberOf(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (part, name) =>
      typeof part === 'object' && part !== null && Object.hasOwn(part, name)
        ? (part as Readonly<Record<string, unknown>>)[name]
        : undefined,
    value,
  );
}

function tellTexts(value: unknown, secret: (text: string) => void): void {
  if (typeof value === 'string' && value.length >= SECRET_CHARACTERS_MIN) secret(value);
  else if (typeof value === 'object' && value !== null)
    for (const part of Object.values(value)) tellTexts(part, secret);
}

function missing(message: string, remedy: string): OstinatoError {
  return new OstinatoError('bad-input', message, { remedy });
}
