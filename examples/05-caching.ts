/**
 * # 5 · Caching
 *
 * A cache policy says what a result depends on: `INPUTS`, `SOURCE` (the task's code), `RUN`, or a key of your own; they
 * add up with `.plus(…)`, and `.minus('name')` leaves an input out. Every task run records why it hit or missed.
 *
 * Run it twice with `node examples/05-caching.ts`: the second time, everything comes from the cache.
 */

import { cacheKey, flow, INPUTS, SOURCE, task } from 'ostinato';

interface Logger {
  log(text: string): void;
}

/** The same numbers give the same sum, whoever logs it: `logger` is not part of the key. */
export const addUp = task(
  (numbers: number[], logger: Logger) => {
    logger.log(`adding ${numbers.length} numbers`);
    return numbers.reduce((sum, one) => sum + one, 0);
  },
  { cache: INPUTS.plus(SOURCE).minus('logger') },
);

/** Results keep their types: what comes out of the cache is a `Map` with `Date`s in it. */
export const openingDays = task(
  (city: string) => {
    return new Map([[city, new Date(Date.UTC(2025, 3, 1))]]);
  },
  { cache: INPUTS, cacheExpirationSeconds: 3600 },
);

/** One result per capital letter: a key of your own. */
export const shelfOf = task((title: string) => `shelf ${title.charAt(0).toUpperCase()}`, {
  cache: cacheKey(({ values }) => String(values['title']).charAt(0).toUpperCase()),
});

export const caching = flow(
  async () => {
    const sum = await addUp([1, 2, 3], console);
    const again = await addUp([1, 2, 3], { log: () => {} }); // another logger, the same key
    const days = await openingDays('Kraków');
    const shelves = [await shelfOf('Dune'), await shelfOf('Dracula')]; // the second is a hit
    return { sum, again, opens: days.get('Kraków')?.getUTCFullYear(), shelves };
  },
  { name: 'Caching' },
);

if (import.meta.main) console.log(await caching());
