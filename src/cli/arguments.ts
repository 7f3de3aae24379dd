/** Reading what stands after options, with errors that say the rule. */
import { InvalidArgumentError } from 'commander';

import { LOG_LEVELS, type LogLevelName } from '../core/log.ts';
import { didYouMean } from '../core/nearest-word.ts';
import { DEFAULT_STATE_NAMES, STATE_TYPES, type StateType } from '../core/state.ts';

/** What one page of the store answers at most. */
const ROWS_MAX = 1000;

export function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > ROWS_MAX) throw new InvalidArgumentError(`It must be a whole number from 1 to ${ROWS_MAX}.`);
  return limit;
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
  return port;
}

export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() === '' || !Number.isFinite(seconds) || seconds < 0) throw new InvalidArgumentError('It must be a number of seconds, 0 or more.');
  return seconds;
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
  for (const word of text.split(',').map((part) => part.trim()).filter((part) => part !== '')) {
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
