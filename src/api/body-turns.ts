/**
 * Parses large bodies one after the other, in pieces, and serves other requests in between: no body, nor many at once,
 * blocks the server for longer than one piece takes.
 */

import { checkBounds, SMALL_CHARACTERS, type BodyLimits } from '../contract/json-bounds.ts';
import { JsonInSteps } from '../contract/json-in-steps.ts';
import { parseWire, type WireBody } from '../contract/wire-json.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';

/** `JSON.parse` takes up to 2 µs for a value (an object of its own shape), and our own parser somewhat more. */
const NATIVE_VALUES_MAX = 10_000;
const PIECE_TOKENS = 5_000;

export class PacedBodyParser {
  #last: Promise<void> = Promise.resolve();

  /** Synchronous for a small body. @throws JsonExcess, SyntaxError */
  parse(text: string, limits: BodyLimits): MaybePromise<WireBody> {
    if (text.length > SMALL_CHARACTERS) return this.#inTurn(text, limits);
    checkBounds(text, limits.valuesMax);
    return parseWire(text);
  }

  async #inTurn(text: string, { valuesMax, innerValuesMax }: BodyLimits): Promise<WireBody> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    try {
      await yieldToOtherRequests();
      const count = checkBounds(text, valuesMax, innerValuesMax);
      return count <= NATIVE_VALUES_MAX ? parseWire(text) : await inPieces(text);
    } finally {
      resolve();
    }
  }
}

async function inPieces(text: string): Promise<WireBody> {
  const plain = new JsonInSteps(text, false);
  await readAll(plain);
  if (!plain.hasInexact) return { plain: plain.value, exact: plain.value };
  const exact = new JsonInSteps(text, true);
  await readAll(exact);
  return { plain: plain.value, exact: exact.value };
}

async function readAll(parser: JsonInSteps): Promise<void> {
  do await yieldToOtherRequests();
  while (!parser.read(PIECE_TOKENS));
}

/** Elements of a batch that are read in one turn: some milliseconds. */
const ELEMENTS_A_TURN = 500;

/** As `map`; a large batch is processed in pieces, too. */
export function mapInTurns<In, Out>(
  elements: readonly In[],
  read: (element: In, index: number) => Out,
): MaybePromise<readonly Out[]> {
  return elements.length <= ELEMENTS_A_TURN ? elements.map(read) : inTurns(elements, read);
}

async function inTurns<In, Out>(
  elements: readonly In[],
  read: (element: In, index: number) => Out,
): Promise<readonly Out[]> {
  const out: Out[] = [];
  for (const [index, element] of elements.entries()) {
    if (index > 0 && index % ELEMENTS_A_TURN === 0) await yieldToOtherRequests();
    out.push(read(element, index));
  }
  return out;
}

/** Lets requests that arrived meanwhile be served first. */
export function yieldToOtherRequests(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
