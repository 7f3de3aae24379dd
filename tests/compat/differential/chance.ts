/** Draws, the same for the same seed. */
import { seededRandom, type Random } from '../../../src/platform/random.ts';

export class Chance {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** @param share 0…1 */
  is(share: number): boolean {
    return this.#random() < share;
  }

  /** 0 … below - 1. */
  below(below: number): number {
    return Math.floor(this.#random() * below);
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  /** @param weightOf how often it comes, beside the others */
  weighted<T>(choices: readonly T[], weightOf: (choice: T) => number): T {
    let left = this.#random() * choices.reduce((sum, choice) => sum + weightOf(choice), 0);
    return choices.find((choice) => (left -= weightOf(choice)) < 0) ?? (choices.at(-1) as T);
  }

  uuid(): string {
    const digits = Array.from({ length: 32 }, () => this.below(16).toString(16)).join('');
    return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5');
  }
}
