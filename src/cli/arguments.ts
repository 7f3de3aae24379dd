/** Reading what stands after options, with errors that say the rule. */
import { InvalidArgumentError } from 'commander';

import { LOG_LEVELS, type LogLevelName } from '../core/log.ts';
import { didYouMean } from '../core/nearest-word.ts';
import { DEFAULT_STATE_NAMES, STATE_TYPES, type StateType } from '../core/state.ts';

/** What one page of the store answers at most. */
const ROWS_MAX = 1000;

export function parseLimit(text: string): number {
  const limit = readWhole(text);
  if (limit === null || limit < 1 || limit > ROWS_MAX) throw new InvalidArgumentError(`It must be a whole number from 1 to ${ROWS_MAX}.`);
  return limit;
}

export function parsePort(text: string): number {
  const port = readWhole(text);
  if (port === null || port > 65_535) throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
  return port;
}

export function parseSeconds(text: string): number {
  if (!/^\d{1,9}(?:\.\d+)?$/.test(text)) throw new InvalidArgumentError('It must be a number of seconds, 0 or more, such as 30 or 0.5.');
  return Number(text);
}

/** Digits and nothing else: `1e2`, `0x10` and ` 5 ` are slips. */
function readWhole(text: string): number | null {
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** For options that may be given several times. */
export function collect(text: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), text];
}

export interface StateWords {
  readonly types: readonly StateType[];
  readonly names: readonly string[];
}

/** A type (`failed`) or a name inside a type (`TimedOut`); several times, or with commas between. */
export function collectStates(text: string, before: StateWords = { types: [], names: [] }): StateWords {
  const types = [...before.types];
  const names = [...before.names];
  const words = text.split(',').map((part) => part.trim()).filter((part) => part !== '');
  if (words.length === 0) throw new InvalidArgumentError(`It must name a state: ${STATE_TYPES.map((each) => each.toLowerCase()).join(', ')}, or a state's name such as TimedOut.`);
  for (const word of words) {
    const type = STATE_TYPES.find((candidate) => candidate === word.toUpperCase());
    if (type !== undefined) types.push(type);
    else if (NAMES_IN_TYPES.includes(word) || /^[A-Z]/.test(word)) names.push(word);
    else throw new InvalidArgumentError(`There is no state "${word}".${didYouMean(word, STATE_TYPES.map((each) => each.toLowerCase()))} States: ${STATE_TYPES.map((each) => each.toLowerCase()).join(', ')}, or a state's name such as TimedOut.`);
  }
  return { types, names };
}

/** Names that the rules give inside a type; flows may return others, which begin with a capital letter. */
const NAMES_IN_TYPES = [...Object.values(DEFAULT_STATE_NAMES), 'AwaitingRetry', 'Retrying', 'TimedOut', 'Cached', 'RolledBack'];

export function parseLevel(text: string): number {
  const level = LOG_LEVELS[text.toLowerCase() as LogLevelName] as number | undefined;
  if (level === undefined) throw new InvalidArgumentError(`It must be one of ${Object.keys(LOG_LEVELS).join(', ')}.${didYouMean(text, Object.keys(LOG_LEVELS))}`);
  return level;
}

/** For completion. */
export const LEVEL_WORDS: readonly string[] = Object.keys(LOG_LEVELS);
export const STATE_WORDS: readonly string[] = [...STATE_TYPES.map((each) => each.toLowerCase()), ...NAMES_IN_TYPES];

/** Parsers of options that may be given several times. */
export const REPEATED: ReadonlySet<unknown> = new Set([collect, collectStates]);
