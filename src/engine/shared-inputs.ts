/**
 * Further arguments that all items of a fan-out share: looked through and named once, however many items there are.
 *
 * They count as what they were when the fan-out began to use them. One that a body changes meanwhile goes to the later items
 * changed, as any object does, and their steps keep the name of what it was.
 */

import { canonicalText, type CanonicalText, type SharedTexts } from '../core/codec.ts';
import { holdsFutures } from './argument-graph.ts';

export class SharedInputs implements SharedTexts {
  readonly #texts = new Map<unknown, CanonicalText | null>();
  readonly #hash: (text: string) => string;

  constructor(values: readonly unknown[], hash: (text: string) => string) {
    this.#hash = hash;
    for (const value of values) if (typeof value === 'object' && value !== null && !holdsFutures([value])) this.#texts.set(value, null);
  }

  /** Whether it is one of them, and known to hold no future. */
  has(value: unknown): boolean {
    return this.#texts.has(value);
  }

  of(value: unknown): CanonicalText | undefined {
    const known = this.#texts.get(value);
    if (known !== null) return known;
    const { text, opaque } = canonicalText(value);
    const short = { text: `#${this.#hash(text)}`, opaque };
    this.#texts.set(value, short);
    return short;
  }
}
