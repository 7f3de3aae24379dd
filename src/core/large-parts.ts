/**
 * Large parts of inputs are named by a hash of their text; a part that many calls get is hashed once.
 *
 * 1. Whether a part is named depends on its content only, so that equal inputs have equal texts, whoever was asked
 *    before.
 * 2. A part is known by its identity, and believed only while it still is what was hashed: it is compared with a copy,
 *    which takes a hundredth of the time. One that was changed in between is hashed anew.
 * 3. The copy is made when a part comes for the second time: most come once. All copies together have a bound, the one
 *    that was not asked for longest goes first, and each goes with its original.
 */

import { canonicalText } from './codec-canonical.ts';
import { copyValue, isUnchanged, type PartReader, type ValueCopy } from './value-copy.ts';

/**
 * All copies together, in units of about eight bytes: 32 MB, room for a table of a million fields and two large
 * columns.
 */
const COPIES_SIZE_MAX = 4_000_000;

export interface LargePart {
  /** Stands for its text. */
  readonly name: string;
  readonly parts: number;
  readonly chars: number;
}

interface Known extends LargePart {
  copy: ValueCopy | null;
  /** Copying it has failed before. */
  readonly isUncopyable: boolean;
}

export class LargeParts {
  readonly #hash: (text: string) => string;
  readonly #looks: PartReader;
  readonly #sizeMax: number;
  readonly #known = new WeakMap<object, Known>();
  /** Parts with a copy, least recently used first. The set does not keep the originals alive. */
  readonly #copied = new Set<Known>();
  readonly #collected = new FinalizationRegistry<Known>((known) => this.#forget(known));
  #size = 0;
  #isEmpty = true;

  /** @param hasNames whether a list has own enumerable properties that are no elements */
  constructor(
    hash: (text: string) => string,
    hasNames: (list: readonly unknown[]) => boolean,
    sizeMax = COPIES_SIZE_MAX,
  ) {
    this.#hash = hash;
    this.#sizeMax = sizeMax;
    this.#looks = {
      hasNames,
      textOf: (part) => {
        const { text, opaque } = canonicalText(part, '', this);
        return opaque.length === 0 ? text : null;
      },
      nameOf: (part) => {
        const known = this.#known.get(part);
        return known?.copy ? known.name : undefined;
      },
    };
  }

  /** No large part has been named yet: look-ups can be skipped. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** Size of all copies, in units of about eight bytes. */
  get size(): number {
    return this.#size;
  }

  /** The part's name, if it was hashed before and has not changed since. */
  find(part: object): LargePart | undefined {
    const known = this.#known.get(part);
    if (!known?.copy) return undefined;
    if (!isUnchanged(part, known.copy, this.#looks)) {
      this.#forget(known);
      // A part that changes between calls is likely to change again: it counts as new.
      this.#known.delete(part);
      return undefined;
    }
    this.#copied.delete(known);
    this.#copied.add(known);
    return known;
  }

  /** The name of a long text. */
  shorten(text: string): string {
    return `#${this.#hash(text)}`;
  }

  /** As `shorten`; the name can be found again by the part. @param text of the part as it is now */
  name(part: object, text: string, parts: number, chars: number): string {
    const name = this.shorten(text);
    this.#isEmpty = false;
    const before = this.#known.get(part);
    const isSame = before?.name === name;
    const copy = isSame && !before.isUncopyable ? this.#copyOf(part) : null;
    const known: Known = { name, parts, chars, copy, isUncopyable: isSame && copy === null };
    this.#known.set(part, known);
    if (copy) this.#keep(part, known, copy);
    return name;
  }

  #copyOf(part: object): ValueCopy | null {
    try {
      return copyValue(part, this.#looks, this.#sizeMax);
    } catch {
      return null;
    }
  }

  #keep(part: object, known: Known, { size }: ValueCopy): void {
    this.#size += size;
    this.#copied.add(known);
    this.#collected.register(part, known, known);
    for (const oldest of this.#copied) {
      if (this.#size <= this.#sizeMax) break;
      this.#forget(oldest);
    }
  }

  #forget(known: Known): void {
    if (!this.#copied.delete(known)) return;
    this.#size -= known.copy?.size ?? 0;
    known.copy = null;
    this.#collected.unregister(known);
  }
}
