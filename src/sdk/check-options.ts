/** Options are checked where they are written: a wrong one is an error at definition, not in the middle of a run. */

import { OstinatoError } from '../core/errors.ts';
import { DURABILITIES } from '../core/durability.ts';
import type { FlowOptions, TaskOptions } from '../engine/definitions.ts';
import { nearestWord } from '../core/nearest-word.ts';

const TASK_KEYS = [
  'name', 'description', 'version', 'tags', 'retries', 'retryDelaySeconds', 'retryJitterFactor', 'retryIf', 'timeoutSeconds', 'cache',
  'cacheExpirationSeconds', 'refreshCache', 'persistResult', 'runName', 'durability', 'isolation', 'key', 'waitFor', 'logPrints',
  'onRunning', 'onCompletion', 'onFailure', 'onCommit', 'onRollback',
] as const satisfies readonly (keyof TaskOptions)[];

const FLOW_KEYS = [
  'name', 'description', 'version', 'tags', 'labels', 'retries', 'retryDelaySeconds', 'timeoutSeconds', 'runName', 'persistResult', 'durability',
  'taskRunner', 'resume', 'logPrints', 'onRunning', 'onCompletion', 'onFailure', 'onCancellation', 'onCrashed',
] as const satisfies readonly (keyof FlowOptions)[];

export function checkTaskOptions(name: string, options: TaskOptions): void {
  const what = `task "${name}"`;
  checkKeys(what, options, TASK_KEYS);
  checkCommon(what, options);
  const { retryJitterFactor, cacheExpirationSeconds, isolation } = options;
  if (retryJitterFactor !== undefined) checkNumber(what, 'retryJitterFactor', retryJitterFactor, 0);
  if (cacheExpirationSeconds !== undefined) checkNumber(what, 'cacheExpirationSeconds', cacheExpirationSeconds, 0);
  if (isolation !== undefined && !['signal', 'thread', 'process'].includes(isolation)) refuse(what, 'isolation', isolation, "'signal', 'thread' or 'process'");
}

export function checkFlowOptions(name: string, options: FlowOptions & { readonly parameters?: unknown }): void {
  const what = `flow "${name}"`;
  checkKeys(what, options, [...FLOW_KEYS, 'parameters']);
  checkCommon(what, options);
  if (options.resume !== undefined && options.resume !== 'manual' && options.resume !== 'automatic') refuse(what, 'resume', options.resume, "'manual' or 'automatic'");
}

function checkCommon(what: string, options: TaskOptions | FlowOptions): void {
  const { retries, timeoutSeconds, durability, name } = options;
  if (name !== undefined && name.trim() === '') refuse(what, 'name', name, 'a text that is not empty');
  if (retries !== undefined && !(Number.isInteger(retries) && retries >= 0)) refuse(what, 'retries', retries, 'a whole number, 0 or more');
  if (timeoutSeconds !== undefined && !(timeoutSeconds > 0 && Number.isFinite(timeoutSeconds))) refuse(what, 'timeoutSeconds', timeoutSeconds, 'a number of seconds above 0');
  if (durability !== undefined && !DURABILITIES.includes(durability)) refuse(what, 'durability', durability, DURABILITIES.map((level) => `'${level}'`).join(', '));
}

function checkNumber(what: string, key: string, value: number, least: number): void {
  if (!(Number.isFinite(value) && value >= least)) refuse(what, key, value, `a number, ${least} or more`);
}

function checkKeys(what: string, options: object, known: readonly string[]): void {
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const near = nearestWord(key, known);
    throw new OstinatoError('bad-input', `The option ${key} of ${what} is not known.`, { remedy: near ? `Did you mean ${near}?` : `Known options: ${known.join(', ')}.` });
  }
}

function refuse(what: string, key: string, value: unknown, rule: string): never {
  throw new OstinatoError('bad-input', `The option ${key} of ${what} is ${JSON.stringify(value) ?? String(value)}; it must be ${rule}.`);
}
