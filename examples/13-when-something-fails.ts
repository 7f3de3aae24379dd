/**
 * # 13 · When something fails
 *
 * - `fallback` is a task, or a function of the failure, that stands in once all attempts have failed.
 * - `optional: true` is for what the flow can do without: it ends Completed, and says what was left out.
 * - `onFailure(…)` goes another way at one call. `match(…)` chooses by the class of the error, its code, or the state.
 * - Each of these is a step on record, with the reason: `ostinato why` tells it, and a run that was killed goes the
 *   same way again.
 *
 * Run it with `node examples/13-when-something-fails.ts`.
 */

import { flow, match, task } from 'ostinato';

class HttpError extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`the server answered ${status}`);
    this.status = status;
  }
}
class NotFound extends HttpError {}

const yesterdaysRates = task(() => ({ usd: 1.08, of: 'yesterday' }));

const rates = task(
  (): { usd: number; of: string } => {
    throw new HttpError(503);
  },
  { name: 'rates', retries: 1, fallback: yesterdaysRates },
);

const orders = task(
  (country: string): number[] => {
    if (country === 'Atlantis') throw new NotFound(404);
    return [120, 80];
  },
  { name: 'orders' },
);

const postToChat = task(
  (text: string): string => {
    throw new TypeError(`nobody listens to "${text}"`);
  },
  { name: 'postToChat', optional: true },
);

export const revenue = flow(
  async ({ countries = ['Greece', 'Atlantis'] }: { countries?: string[] }) => {
    const { usd, of } = await rates();
    const lines = countries.map(async (country) => {
      const sums = await orders(country).onFailure((failure) =>
        match(failure, {
          HttpError: ({ name }) => (console.log(`${country}: ${name}, counted as no orders`), []),
          else: ({ error }) => {
            throw error;
          },
        }),
      );
      return `${country}: ${(sums.reduce((a, b) => a + b, 0) * usd).toFixed(2)} USD`;
    });
    const report = [...(await Promise.all(lines)), `at the rates of ${of}`];
    await postToChat(report.join(', '));
    return report;
  },
  { name: 'Revenue' },
);

if (import.meta.main) console.log(await revenue({}));
