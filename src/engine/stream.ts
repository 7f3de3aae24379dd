/** Generators as tasks and flows: what they yield reaches the caller as it comes, and is the result as a list. */

export function isGeneratorFunction(fn: unknown): boolean {
  const kind = (fn as { constructor?: { name?: string } }).constructor?.name;
  return kind === 'AsyncGeneratorFunction' || kind === 'GeneratorFunction';
}

/** The result itself, or for a generator the list of what it yields. */
export function collectStream(definition: { readonly streams: boolean }, result: unknown, onYield: ((value: unknown) => void) | null): unknown {
  if (!definition.streams) return result;
  return drain(result as AsyncIterable<unknown> | Iterable<unknown>, onYield);
}

async function drain(items: AsyncIterable<unknown> | Iterable<unknown>, onYield: ((value: unknown) => void) | null): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const item of items) {
    all.push(item);
    onYield?.(item);
  }
  return all;
}

/** Hands values from a producer that does not wait to a consumer that does. */
export class Channel {
  readonly #values: unknown[] = [];
  #ended: { readonly error?: unknown } | undefined;
  #wake: (() => void) | undefined;

  push(value: unknown): void {
    this.#values.push(value);
    this.#wake?.();
  }

  end(error?: unknown): void {
    this.#ended = error === undefined ? {} : { error };
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, undefined> {
    for (;;) {
      while (this.#values.length > 0) yield this.#values.shift();
      if (this.#ended) {
        if ('error' in this.#ended) throw this.#ended.error;
        return;
      }
      await new Promise<void>((resolve) => { this.#wake = resolve; });
    }
  }
}
