/** What a block says of its channel: read strictly, since people and clients write it. */

import type { ChannelBlock, Severity } from '../core/notifications/channel.ts';

type Data = ChannelBlock['data'];

/** The block says too little, or what cannot be. A sentence for people, without what it says. */
export class BlockProblem extends Error {}

const wrong = (name: string, what: string): BlockProblem =>
  new BlockProblem(`The block was invalid: its ${name} is not ${what}.`);

export function textOf(data: Data, name: string): string {
  const text = optionalText(data, name);
  if (text === null) throw wrong(name, 'a text, or is empty');
  return text;
}

/** `null`: it says nothing, or an empty text. */
export function optionalText(data: Data, name: string): string | null {
  const value = data[name] ?? null;
  if (value === null || value === '') return null;
  if (typeof value !== 'string') throw wrong(name, 'a text');
  return value;
}

export function textsOf(data: Data, name: string): readonly string[] {
  const value = data[name] ?? [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string' && item !== ''))
    throw wrong(name, 'a list of texts');
  return value as readonly string[];
}

export function textsByName(data: Data, name: string): Readonly<Record<string, string>> {
  const value = data[name] ?? {};
  if (!areTexts(value)) throw wrong(name, 'an object of texts');
  return value;
}

export function areTexts(value: unknown): value is Readonly<Record<string, string>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((item) => typeof item === 'string')
  );
}

export function numberOf(data: Data, name: string, fallback: number, [min, max]: readonly [number, number]): number {
  const value = data[name] ?? fallback;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < min || value > max)
    throw wrong(name, `a number from ${min} to ${max}`);
  return value;
}

export function choiceOf<Choice extends string>(
  data: Data,
  name: string,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  const value = data[name] ?? choices[0];
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw wrong(name, `one of ${choices.join(', ')}`);
  return found;
}

export function flagOf(data: Data, name: string, fallback: boolean): boolean {
  const value = data[name] ?? fallback;
  if (typeof value !== 'boolean') throw wrong(name, 'true or false');
  return value;
}

/** As Prefect's blocks name it, in the words of Apprise. */
export function severityOf(data: Data): Severity {
  const type = choiceOf(data, 'notify_type', ['info', 'success', 'warning', 'failure']);
  return type === 'failure' ? 'critical' : type;
}
