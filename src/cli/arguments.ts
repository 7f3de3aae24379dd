/** Parsers of options' values, with errors that state the rule. */
import { InvalidArgumentError } from 'commander';

import { isRunPriority, RUN_PRIORITY_MAX, RUN_PRIORITY_MIN } from '../core/run-priority.ts';
import { matching } from '../core/list-query.ts';
import { LOG_LEVELS, type LogLevelName } from '../core/log.ts';
import { didYouMean } from '../core/nearest-word.ts';
import { COMMIT_INCOMPLETE, ROLLBACK_INCOMPLETE, ROLLED_BACK } from '../core/participation.ts';
import type { Condition } from '../core/query.ts';
import { DEFAULT_STATE_NAMES, STATE_TYPES, type StateType } from '../core/state.ts';

/** Rows of the largest page that the store returns. */
const ROWS_MAX = 1000;

export function parseLimit(text: string): number {
  const limit = readWhole(text);
  if (limit === null || limit < 1 || limit > ROWS_MAX)
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${ROWS_MAX}.`);
  return limit;
}

/** Of a run. */
export function parsePriority(text: string): number {
  const priority = /^[+-]?\d{1,4}$/.test(text) ? Number(text) : null;
  if (!isRunPriority(priority))
    throw new InvalidArgumentError(
      `It must be a whole number from ${RUN_PRIORITY_MIN} to ${RUN_PRIORITY_MAX}; the lower, the sooner.`,
    );
  return priority === 0 ? 0 : priority;
}

/** An empty word comes from an unset variable of a script. */
export function parseName(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must be a name.');
  return text;
}

export function parseHost(text: string): string {
  if (!/^[^\s/]+$/.test(text))
    throw new InvalidArgumentError(
      'It must be an address or a name of this machine, such as 127.0.0.1, ::1 or localhost.',
    );
  return text;
}

export function parsePort(text: string): number {
  const port = readWhole(text);
  if (port === null || port > 65_535) throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
  return port;
}

export function parseSeconds(text: string): number {
  if (!/^\d{1,9}(?:\.\d+)?$/.test(text))
    throw new InvalidArgumentError('It must be a number of seconds, 0 or more, such as 30 or 0.5.');
  return Number(text);
}

/** Digits only: `1e2`, `0x10` and ` 5 ` are mistakes. */
function readWhole(text: string): number | null {
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** For options that may be repeated. */
export function collect(text: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), text];
}

export interface StateFilter {
  readonly types: readonly StateType[];
  readonly names: readonly string[];
}

/** A type (`failed`) or the name of a state (`TimedOut`); repeated, or separated by commas. */
export function collectStates(text: string, before: StateFilter = { types: [], names: [] }): StateFilter {
  const types = [...before.types];
  const names = [...before.names];
  const words = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (words.length === 0)
    throw new InvalidArgumentError(
      `It must name a state: ${STATE_TYPES.map((each) => each.toLowerCase()).join(', ')}, or a state's name such as TimedOut.`,
    );
  for (const word of words) {
    const type = STATE_TYPES.find((candidate) => candidate === word.toUpperCase());
    if (type !== undefined) types.push(type);
    else if (NAMES_IN_TYPES.includes(word) || /^[A-Z]/.test(word)) names.push(word);
    else
      throw new InvalidArgumentError(
        `There is no state "${word}".${didYouMean(
          word,
          STATE_TYPES.map((each) => each.toLowerCase()),
        )} States: ${STATE_TYPES.map((each) => each.toLowerCase()).join(', ')}, or a state's name such as TimedOut.`,
      );
  }
  return { types, names };
}

/** A run fits when its state's type or its state's name was asked for. */
export function inStates({ types, names }: StateFilter): Condition {
  const parts = [
    ...(types.length === 0 ? [] : [matching({ stateType: types })]),
    ...(names.length === 0 ? [] : [matching({ stateName: names })]),
  ];
  return parts.length === 1 ? (parts[0] as Condition) : { op: 'or', of: parts };
}

/** Names of states that the rules use; flows may return others, which begin with a capital letter. */
const NAMES_IN_TYPES = [
  ...Object.values(DEFAULT_STATE_NAMES),
  'AwaitingRetry',
  'Retrying',
  'TimedOut',
  'Cached',
  ROLLED_BACK,
  ROLLBACK_INCOMPLETE,
  COMMIT_INCOMPLETE,
];

export function parseLevel(text: string): number {
  const level = LOG_LEVELS[text.toLowerCase() as LogLevelName] as number | undefined;
  if (level === undefined)
    throw new InvalidArgumentError(
      `It must be one of ${Object.keys(LOG_LEVELS).join(', ')}.${didYouMean(text, Object.keys(LOG_LEVELS))}`,
    );
  return level;
}

/** Offered by shell completion. */
export const LEVEL_NAMES: readonly string[] = Object.keys(LOG_LEVELS);
export const STATE_NAMES: readonly string[] = [...STATE_TYPES.map((each) => each.toLowerCase()), ...NAMES_IN_TYPES];

/** Parsers of options that may be repeated. */
export const REPEATED: ReadonlySet<unknown> = new Set([collect, collectStates]);

/** Says of an argument that it names a deployment. */
export const DEPLOYMENT_WORD = 'FLOW/NAME, the name alone where it is one of a kind, or the id';
