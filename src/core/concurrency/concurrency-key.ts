/**
 * The key of a run among those of its deployment: runs of one key share the slots of the limit, runs of another have
 * theirs. It is said as a path of the parameters (`parameters.customer`), or as a text with such paths between braces
 * (`{{ parameters.region }}-{{ parameters.customer }}`), and settled when the run is made. Pure.
 */

import type { Labels } from '../flow-run.ts';
import type { DeploymentId } from '../ids.ts';

/** On each run that has a key. */
export const KEY_LABEL = 'ostinato.concurrency-key';

const PATH = String.raw`parameters(?:\.[A-Za-z_$][A-Za-z0-9_$-]*|\.[0-9]+)+`;
const IN_BRACES = String.raw`\{\{ *${PATH} *\}\}`;
/** What a key may be said as: a JavaScript pattern for whole texts. */
export const KEY_PATTERN = String.raw`^(?:${PATH}|[^{}]*${IN_BRACES}(?:[^{}]|${IN_BRACES})*)$`;
/** Characters: of what is said, and of what comes of it. What is longer is cut, and shares its slots. */
export const KEY_TEXT_MAX = 300;
const KEY_MAX = 200;

const KEY = new RegExp(KEY_PATTERN, 'u');
const BRACES = new RegExp(String.raw`\{\{ *(${PATH}) *\}\}`, 'gu');

export function isKeyText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= KEY_TEXT_MAX && KEY.test(value);
}

/**
 * @param parameters JSON object
 * @returns what the run's key is; what is not there is nothing in it
 */
export function concurrencyKeyOf(text: string, parameters: string): string {
  const values = JSON.parse(parameters) as unknown;
  const key = text.includes('{{')
    ? text.replaceAll(BRACES, (_all, path: string) => shown(valueAt(values, path)))
    : shown(valueAt(values, text));
  return key.slice(0, KEY_MAX);
}

function valueAt(values: unknown, path: string): unknown {
  let value = values;
  for (const name of path.split('.').slice(1)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `null`: it has none. */
export function keyOfRun({ labels }: { readonly labels: Labels }): string | null {
  const key = labels[KEY_LABEL];
  return typeof key === 'string' ? key : null;
}

/** What the limit for the runs of one key is called; it is there while one of them holds a slot. */
export function keyedLimitName(id: DeploymentId, key: string): string {
  return `deployment:${id}:${key}`;
}
