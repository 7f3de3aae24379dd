/** Room for what is on its way, counted in pieces and characters; whoever finds none waits until something has arrived. */
export class Room {
  readonly #piecesMax: number;
  readonly #charactersMax: number;
  #taken = 0;
  #givenBack = 0;
  #characters = 0;
  readonly #waiters = new Set<() => void>();
  /** In the order of what they wait for. */
  readonly #leaving: { readonly taken: number; readonly resolve: () => void }[] = [];

  constructor(piecesMax: number, charactersMax: number) {
    this.#piecesMax = piecesMax;
    this.#charactersMax = charactersMax;
  }

  get isFull(): boolean {
    return this.#taken - this.#givenBack >= this.#piecesMax || this.#characters >= this.#charactersMax;
  }

  /** What has come is taken, also when there is no room for it: it is here already. */
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

  /** At once when there is room. Those who waited go on together: each looks again with its next piece. */
  async whenFree(): Promise<void> {
    if (this.isFull) await new Promise<void>((resolve) => this.#waiters.add(resolve));
  }

  /** When all that has been taken until now was given back, where pieces are given back in the order in which they were taken. */
  async whenGivenBack(): Promise<void> {
    const taken = this.#taken;
    if (taken > this.#givenBack) await new Promise<void>((resolve) => this.#leaving.push({ taken, resolve }));
  }
}
