/**
 * A counting gate: at most `limit` holders, first come first served. Taking a free slot costs no turn of the event
 * loop.
 */
export class Slots {
  readonly limit: number;
  #held = 0;
  readonly #waiting: (() => void)[] = [];
  #head = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get held(): number {
    return this.#held;
  }

  get waiting(): number {
    return this.#waiting.length - this.#head;
  }

  tryTake(): boolean {
    if (this.#held >= this.limit) return false;
    this.#held += 1;
    return true;
  }

  /**
   * Takes a slot: `undefined` when one was free, else a promise that resolves when the caller has one. A caller that no
   * longer needs its slot must still `give` it back.
   */
  take(): Promise<void> | undefined {
    if (this.tryTake()) return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  give(): void {
    const next = this.#waiting[this.#head];
    if (next === undefined) {
      this.#held -= 1;
      return;
    }
    this.#head += 1;
    // Removing served entries in bulk keeps the cost of a long queue linear.
    if (this.#head > 1024 && this.#head * 2 > this.#waiting.length) {
      this.#waiting.splice(0, this.#head);
      this.#head = 0;
    }
    next();
  }
}
