/** Functions that are called when something was committed: see `Storage.onCommit`. */

export class CommitListeners {
  readonly #listeners = new Set<() => void>();

  get count(): number {
    return this.#listeners.size;
  }

  /** @returns a function that removes the listener */
  add(listener: () => void): () => void {
    // Wrapped, so that a function that is added twice is called twice.
    const own = (): void => listener();
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
