/**
 * Further arguments that all items of a fan-out share: looked through and named once, however many items there are.
 *
 * They count as what they were when the fan-out began to use them. One that a body changes meanwhile goes to the later
 * items changed, as any object does, and their steps keep the name of what it was. Keys of caches, which outlive the
 * run, are made of what each item is given.
 */

import { canonicalText, type CanonicalText, type SharedTexts } from '../core/codec.ts';
import { holdsFutures } from './argument-graph.ts';
import type { EnginePorts } from './ports.ts';

/** A longer text is represented by its hash in the text of each item. */
const TEXT_CHARS_MAX = 64;

export class SharedInputs implements SharedTexts {
  readonly #texts = new Map<unknown, CanonicalText | null>();
  readonly #ports: EnginePorts;

  constructor(values: readonly unknown[], ports: EnginePorts) {
    this.#ports = ports;
    for (const value of values)
      if (typeof value === 'object' && value !== null && !holdsFutures([value])) this.#texts.set(value, null);
  }

  /** Whether the value is one of them, and holds no future. */
  has(value: unknown): boolean {
    return this.#texts.has(value);
  }

  of(value: unknown): CanonicalText | undefined {
    const known = this.#texts.get(value);
    if (known !== null) return known;
    const { text, opaque } = canonicalText(value, undefined, this.#ports.largeParts);
    const short = { text: text.length <= TEXT_CHARS_MAX ? text : `#${this.#ports.hash(text)}`, opaque };
    this.#texts.set(value, short);
    return short;
  }
}
