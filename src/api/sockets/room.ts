/** Room for what is on its way, counted in pieces and characters; whoever finds none waits until something has arrived. */
export class Room {
  readonly #piecesMax: number;
  readonly #charactersMax: number;
  #pieces = 0;
  #characters = 0;
  readonly #waiters = new Set<() => void>();

  constructor(piecesMax: number, charactersMax: number) {
    this.#piecesMax = piecesMax;
    this.#charactersMax = charactersMax;
  }

  get isFull(): boolean {
    return this.#pieces >= this.#piecesMax || this.#characters >= this.#charactersMax;
  }

  /** What has come is taken, also when there is no room for it: it is here already. */
  take(characters: number): void {
    this.#pieces += 1;
    this.#characters += characters;
  }

  giveBack(characters: number): void {
    this.#pieces -= 1;
    this.#characters -= characters;
    if (this.isFull) return;
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }

  /** At once when there is room. Those who waited go on together: each looks again with its next piece. */
  async whenFree(): Promise<void> {
    if (this.isFull) await new Promise<void>((resolve) => this.#waiters.add(resolve));
  }
}
