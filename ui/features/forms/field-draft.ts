/**
 * What is typed into a form, and the JSON that it stands for. Pure.
 *
 * Numbers are never JavaScript's: what is typed is what is sent. What nobody has touched is sent as the schema has it.
 */
import { printJson } from '../../api/lossless-json.ts';
import type { Field } from './schema-field.ts';

/** Text of a field, `true` and `false`, an index of a choice as text; of lists and objects the drafts inside. */
export type Draft = string | boolean | readonly Draft[] | { readonly [key: string]: Draft };

export interface Problem {
  readonly path: readonly string[];
  readonly reason: string;
}

export function draftOf(field: Field, value: unknown = field.preset): Draft {
  switch (field.kind) {
    case 'boolean':
      return typeof value === 'boolean' ? value : field.isRequired && !field.isNullable ? false : '';
    case 'choice':
      return value === undefined
        ? field.choices.length === 1 && field.isRequired
          ? '0'
          : ''
        : indexText(field.choices.findIndex((choice) => printJson(choice) === printJson(value)));
    case 'list':
      return Array.isArray(value) ? value.map((item) => draftOf(field.item, item)) : [];
    case 'object': {
      const own = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
      return Object.fromEntries(
        field.fields.map((inner) => [
          inner.key,
          draftOf(inner, Object.hasOwn(own, inner.key) ? own[inner.key] : inner.preset),
        ]),
      );
    }
    case 'json':
      return value === undefined ? '' : printJson(value);
    case 'date-time':
      return typeof value === 'string' ? localTime(value) : '';
    case 'text':
    case 'date':
      return typeof value === 'string' ? value : '';
    case 'number':
    case 'integer':
      return value === undefined || value === null ? '' : printJson(value);
  }
}

function indexText(at: number): string {
  return at === -1 ? '' : String(at);
}

/** What `<input type="datetime-local">` shows; empty for what is no time. */
function localTime(text: string): string {
  const then = new Date(text);
  if (Number.isNaN(then.getTime())) return '';
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${String(then.getFullYear()).padStart(4, '0')}-${two(then.getMonth() + 1)}-${two(then.getDate())}T${two(then.getHours())}:${two(then.getMinutes())}:${two(then.getSeconds())}`;
}

export type Written =
  | { readonly ok: true; readonly json: string | null }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** JSON of what was typed; `null`: it is left out. */
export function writeDraft(field: Field, draft: Draft, path: readonly string[] = []): Written {
  if (field.preset !== undefined && JSON.stringify(draft) === JSON.stringify(draftOf(field)))
    return written(printJson(field.preset));
  switch (field.kind) {
    case 'list':
      return writeAll(
        (draft as readonly Draft[]).map((item, at) => [String(at), field.item, item]),
        path,
        (parts) => `[${parts.map(([, json]) => json ?? 'null').join(',')}]`,
      );
    case 'object': {
      const own = draft as { readonly [key: string]: Draft };
      if (!field.isRequired && isUntouched(field, own)) return written(field.isNullable ? 'null' : null);
      return writeAll(
        field.fields.map((inner) => [inner.key, inner, own[inner.key] ?? '']),
        path,
        (parts) =>
          `{${parts
            .filter(([, json]) => json !== null)
            .map(([key, json]) => `${JSON.stringify(key)}:${json}`)
            .join(',')}}`,
      );
    }
    default:
      return writeOne(field, draft, path);
  }
}

/** Of an object that may be left out, nobody has filled anything in. */
function isUntouched(field: Field, draft: Draft): boolean {
  return JSON.stringify(draft) === JSON.stringify(draftOf(field));
}

function writeAll(
  parts: readonly (readonly [key: string, field: Field, draft: Draft])[],
  path: readonly string[],
  join: (parts: readonly (readonly [string, string | null])[]) => string,
): Written {
  const all = parts.map(([key, field, draft]) => [key, writeDraft(field, draft, [...path, key])] as const);
  const problems = all.flatMap(([, one]) => (one.ok ? [] : one.problems));
  return problems.length > 0
    ? { ok: false, problems }
    : written(join(all.map(([key, one]) => [key, one.ok ? one.json : null])));
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const INTEGER = /^-?(?:0|[1-9]\d*)$/;

function writeOne(field: Field, draft: Draft, path: readonly string[]): Written {
  const problem = (reason: string): Written => ({ ok: false, problems: [{ path, reason }] });
  if (typeof draft === 'boolean') return written(String(draft));
  const typed = typeof draft === 'string' ? draft : '';
  const text = field.kind === 'text' ? typed : typed.trim();
  if (text === '' && (field.kind !== 'text' || field.isNullable || (!field.isRequired && field.preset === undefined))) {
    if (field.isNullable) return written('null');
    return field.isRequired ? problem('This is required.') : written(null);
  }
  switch (field.kind) {
    case 'number':
      return NUMBER.test(text) ? written(text) : problem('This is no number, as 12, -0.5 or 1e6.');
    case 'integer':
      return INTEGER.test(text) ? written(text) : problem('This is no whole number.');
    case 'choice':
      return written(printJson(field.choices[Number(text)]));
    case 'json':
      return isJson(text) ? written(text) : problem('This is no JSON.');
    case 'date-time': {
      const then = new Date(text);
      return Number.isNaN(then.getTime()) ? problem('This is no time.') : written(JSON.stringify(then.toISOString()));
    }
    default:
      return written(JSON.stringify(text));
  }
}

function written(json: string | null): Written {
  return { ok: true, json };
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Those that no field of the form shows. */
export function unplaced(field: Field, problems: readonly Problem[]): readonly Problem[] {
  return problems.filter(({ path }) => !isShown(field, path));
}

function isShown(field: Field, path: readonly string[]): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return field.kind !== 'object' && field.kind !== 'list' ? true : field.key !== '';
  if (field.kind === 'json') return true;
  if (field.kind === 'list') return isShown(field.item, rest) || rest.length === 0;
  const inner = field.kind === 'object' ? field.fields.find((one) => one.key === key) : undefined;
  return inner !== undefined && isShown(inner, rest);
}
