/** Checks options at definition, so that a wrong one is not an error in the middle of a run. */

import { isCachePolicy } from '../core/cache-policy.ts';
import type { OnCrash } from '../core/deployment.ts';
import { OstinatoError } from '../core/errors.ts';
import { DURABILITIES } from '../core/durability.ts';
import type { FlowOptions, TaskOptions } from '../engine/definitions.ts';
import { DURATION_RULE, isDuration } from '../core/time.ts';
import { nearestWord } from '../core/nearest-word.ts';

const TASK_KEYS = [
  'name',
  'description',
  'version',
  'tags',
  'retries',
  'retryDelaySeconds',
  'retryJitterFactor',
  'retryIf',
  'timeoutSeconds',
  'cache',
  'cacheExpirationSeconds',
  'refreshCache',
  'persistResult',
  'resultName',
  'runName',
  'durability',
  'isolation',
  'key',
  'waitFor',
  'fallback',
  'optional',
  'logPrints',
  'onRunning',
  'onCompletion',
  'onFailure',
  'onCommit',
  'onRollback',
] as const satisfies readonly (keyof TaskOptions)[];

const FLOW_KEYS = [
  'name',
  'description',
  'version',
  'tags',
  'labels',
  'retries',
  'retryDelaySeconds',
  'timeoutSeconds',
  'runName',
  'persistResult',
  'durability',
  'idempotencyKey',
  'taskRunner',
  'optional',
  'resume',
  'concurrencyKey',
  'onCrash',
  'logPrints',
  'onRunning',
  'onCompletion',
  'onFailure',
  'onCancellation',
  'onCrashed',
] as const satisfies readonly (keyof FlowOptions)[];

const HOOKS = [
  'onRunning',
  'onCompletion',
  'onFailure',
  'onCommit',
  'onRollback',
  'onCancellation',
  'onCrashed',
] as const;
/** A larger factor would not spread delays, but replace them. */
const JITTER_FACTOR_MAX = 100;
/** Those of `core/deployment.ts`, which a plain run does not load. */
const CRASH_WORDS: readonly unknown[] = ['leave', 'resume', 'retry'] satisfies readonly OnCrash[];
const ISOLATIONS: readonly unknown[] = ['signal', 'thread', 'process'];

/** Checks the first argument of `task(…)` and `flow(…)`. */
export function checkFunction(fn: unknown, kind: 'task' | 'flow'): void {
  if (typeof fn === 'function') return;
  throw new OstinatoError(
    'bad-input',
    `${kind}(…) was given ${fn === null ? 'null' : typeof fn} where its function belongs.`,
    { remedy: `Write ${kind}(async (…) => { … }, { options }).` },
  );
}

export function checkTaskOptions(name: string, options: TaskOptions): void {
  const what = `task "${name}"`;
  checkKeys(what, options, TASK_KEYS);
  const check = checker(what, options);
  checkCommon(check);
  check(
    'retryJitterFactor',
    (value) => isAtLeastZero(value) && (value as number) <= JITTER_FACTOR_MAX,
    `a number from 0 to ${JITTER_FACTOR_MAX}`,
  );
  check('cacheExpirationSeconds', isDuration, DURATION_RULE);
  check('resultName', (value) => isText(value) || isFunction(value), 'a text, or a function of the arguments');
  check('isolation', (value) => ISOLATIONS.includes(value), "'signal', 'thread' or 'process'");
  check('cache', isCachePolicy, 'a cache policy, for instance INPUTS');
  check('refreshCache', isBoolean, 'true or false');
  check('retryIf', isFunction, 'a function of the error and the run');
  check('key', isText, 'a text');
  check('waitFor', Array.isArray, 'a list of futures');
  check('fallback', isFunction, 'a function of the failure and the arguments, or a task');
}

type BranchOptions = Pick<TaskOptions, 'fallback' | 'optional'>;

/** A reader of a stream has some of its values by the time that it fails. */
export function checkStreamOptions(name: string, kind: 'task' | 'flow', options: BranchOptions): void {
  const asked = options.fallback === undefined ? options.optional === true && 'optional' : 'fallback';
  if (asked === false) return;
  throw new OstinatoError('bad-input', `The option ${asked} of ${kind} "${name}" is not for generators.`, {
    remedy: 'Answer its failure with onFailure(…) on what the call gives.',
  });
}

export function checkFlowOptions(name: string, options: FlowOptions & { readonly parameters?: unknown }): void {
  const what = `flow "${name}"`;
  checkKeys(what, options, [...FLOW_KEYS, 'parameters']);
  const check = checker(what, options);
  checkCommon(check);
  check('resume', (value) => value === 'manual' || value === 'automatic', "'manual' or 'automatic'");
  check('labels', isPlainObject, 'an object of texts');
  check('concurrencyKey', (value) => isText(value) || isFunction(value), 'a text, or a function of the parameters');
  check('onCrash', (value) => CRASH_WORDS.includes(value), "'leave', 'resume' or 'retry'");
  check('idempotencyKey', (value) => isText(value) || isFunction(value), 'a text, or a function of the parameters');
  check(
    'taskRunner',
    (value) => isFunction((value as { open?: unknown } | null)?.open),
    'a task runner, for instance asyncRunner({ concurrency: 4 })',
  );
  check(
    'parameters',
    (value) =>
      typeof value === 'object' || typeof value === 'function' ? value !== null && '~standard' in value : false,
    'a Standard Schema, for instance z.object({ … })',
  );
}

type Check = (key: string, holds: (value: unknown) => boolean, rule: string) => void;

export function checker(what: string, options: object): Check {
  return (key, holds, rule) => {
    const value = (options as Readonly<Record<string, unknown>>)[key];
    if (value !== undefined && !holds(value)) refuse(what, key, value, rule);
  };
}

function checkCommon(check: Check): void {
  check('name', (value) => isText(value) && value.trim() !== '', 'a text that is not empty');
  check('version', isText, 'a text');
  check('description', isText, 'a text');
  check('tags', (value) => Array.isArray(value) && value.every(isText), 'a list of texts');
  check('retries', (value) => Number.isInteger(value) && (value as number) >= 0, 'a whole number, 0 or more');
  check(
    'retryDelaySeconds',
    (value) =>
      isDuration(value) || (Array.isArray(value) && value.length > 0 && value.every(isDuration)) || isFunction(value),
    `${DURATION_RULE}, a list of such numbers, or a function`,
  );
  check('timeoutSeconds', (value) => isDuration(value) && value > 0, 'a number of seconds above 0 (at most 100 years)');
  check(
    'durability',
    (value) => (DURABILITIES as readonly unknown[]).includes(value),
    DURABILITIES.map((level) => `'${level}'`).join(', '),
  );
  check('runName', (value) => isText(value) || isFunction(value), 'a text, or a function');
  check('optional', isBoolean, 'true or false');
  check('persistResult', isBoolean, 'true or false');
  check('logPrints', isBoolean, 'true or false');
  for (const hook of HOOKS)
    check(
      hook,
      (value) => isFunction(value) || (Array.isArray(value) && value.every(isFunction)),
      'a function, or a list of them',
    );
}

export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

export function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean';
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

function isAtLeastZero(value: unknown): boolean {
  return Number.isFinite(value) && (value as number) >= 0;
}

export function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function checkKeys(what: string, options: object, known: readonly string[]): void {
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const near = nearestWord(key, known);
    throw new OstinatoError('bad-input', `The option ${key} of ${what} is not known.`, {
      remedy: near ? `Did you mean ${near}?` : `Known options: ${known.join(', ')}.`,
    });
  }
}

function refuse(what: string, key: string, value: unknown, rule: string): never {
  throw new OstinatoError('bad-input', `The option ${key} of ${what} is ${show(value)}; it must be ${rule}.`);
}

function show(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' ? JSON.stringify(value) : String(value);
  return Array.isArray(value) ? 'a list' : 'an object';
}
