/** Names of runs: a random adjective and animal, or a template over the parameters. */

import { renderTemplate } from './template.ts';
import { ADJECTIVES, ANIMALS } from './run-name-words.ts';

/** Longest name of a run; templates over long parameters are cut. */
export const RUN_NAME_LENGTH_MAX = 255;

/** For instance `brave-otter`. @param random draws 0 ≤ x < 1 */
export function randomRunName(random: () => number): string {
  return `${pick(ADJECTIVES, random())}-${pick(ANIMALS, random())}`;
}

function pick(words: readonly string[], draw: number): string {
  return words[Math.floor(draw * words.length)] ?? (words[0] as string);
}

/** As `renderTemplate`, cut to the longest name. */
export function renderRunName(template: string, parameters: Readonly<Record<string, unknown>>): string {
  const name = renderTemplate('run name', template, parameters);
  return name.length <= RUN_NAME_LENGTH_MAX ? name : `${name.slice(0, RUN_NAME_LENGTH_MAX - 1)}…`;
}
