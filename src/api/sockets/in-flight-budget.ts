/**
 * A budget of items and characters in flight; a sender that finds it spent waits until something was given back.
 */
export class InFlightBudget {
  readonly #piecesMax: number;
  readonly #charactersMax: number;
  #taken = 0;
  #givenBack = 0;
  #characters = 0;
  readonly #waiters = new Set<() => void>();
  /** In the order of the amounts that they wait for. */
  readonly #leaving: { readonly taken: number; readonly resolve: () => void }[] = [];

  constructor(piecesMax: number, charactersMax: number) {
    this.#piecesMax = piecesMax;
    this.#charactersMax = charactersMax;
  }

  get isFull(): boolean {
    return this.#taken - this.#givenBack >= this.#piecesMax || this.#characters >= this.#charactersMax;
  }

  /** Takes budget even if there is none left: the item has arrived already. */
  take(characters: number): void {
    this.#taken += 1;
    this.#characters += characters;
  }

  giveBack(characters: number): void {
    this.#givenBack += 1;
    this.#characters -= characters;
    for (let first = this.#leaving[0]; first && first.taken <= this.#givenBack; first = this.#leaving[0]) {
      first.resolve();
      this.#leaving.shift();
    }
    if (this.#waiters.size === 0 || this.isFull) return;
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }

  /**
   * Resolves when there is budget; at once if there is. All waiting callers continue together, and check again with
   * their next item.
   */
  async whenFree(): Promise<void> {
    if (this.isFull) await new Promise<void>((resolve) => this.#waiters.add(resolve));
  }

  /**
   * Resolves when everything taken until now was given back; items are given back in the order in which they were
   * taken.
   */
  async whenGivenBack(): Promise<void> {
    const taken = this.#taken;
    if (taken > this.#givenBack) await new Promise<void>((resolve) => this.#leaving.push({ taken, resolve }));
  }
}
