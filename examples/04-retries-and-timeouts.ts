/**
 * # 4 · Retries and timeouts
 *
 * - `retries` and `retryDelaySeconds`: a number, a list, or `exponential(…)`; `retryJitterFactor` spreads them out.
 * - `retryIf(error)` says which failures are worth another try; `throw new TerminalError(…)` says it from inside.
 * - `timeoutSeconds` limits one attempt. The body hears of it through `runContext().signal`.
 *
 * Run it with `node examples/04-retries-and-timeouts.ts`.
 */

import { setTimeout as sleep } from 'node:timers/promises';

import { exponential, flow, runContext, task, TerminalError } from 'ostinato';

/** Fails twice, then answers: the third attempt counts. */
const flaky = task(
  () => {
    const { attempt } = runContext();
    if (attempt < 3) throw new Error(`the service is busy (attempt ${attempt})`);
    return `answered at attempt ${attempt}`;
  },
  { retries: 3, retryDelaySeconds: exponential(0.05), retryJitterFactor: 0.2 },
);

/** A bad password will not get better: no retry, although five are allowed. */
const login = task(
  (password: string) => {
    if (password !== 'secret') throw new TerminalError('wrong password');
  },
  { retries: 5 },
);

/** Only what may pass is tried again. */
const lookUp = task(
  (name: string) => {
    throw new RangeError(`no such name: ${name}`);
  },
  { retries: 5, retryIf: (error) => !(error instanceof RangeError) },
);

/** Stuck at first: the attempt is ended after 0.2 s and the next one goes through. */
const slow = task(
  async () => {
    const { attempt, signal } = runContext();
    if (attempt === 1) await sleep(60_000, undefined, { signal });
    return `in time at attempt ${attempt}`;
  },
  { retries: 1, timeoutSeconds: 0.2 },
);

export const retriesAndTimeouts = flow(
  async () => {
    const answers = [await flaky(), await slow()];
    const refused = [await login.state('1234'), await lookUp.state('Nobody')];
    return [...answers, ...refused.map(({ message }) => message)];
  },
  { name: 'Retries and timeouts' },
);

if (import.meta.main) console.log(await retriesAndTimeouts());
