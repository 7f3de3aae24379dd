/**
 * # 2 · Call an API that fails now and then
 *
 * Counts the stars of repositories. A task that throws is tried again: `retries: 3`. When the server says how long to
 * wait (`Retry-After`), that counts: here the response travels as the error's `cause`, and is found there. A server
 * that never answers is given up after `timeoutSeconds`: `runContext().signal` ends the request.
 *
 * Run it with `npx ostinato run examples/02-github-stars.ts -p repos='["nodejs/node"]'`.
 */

import { exponential, flow, runContext, task } from 'ostinato';
import { z } from 'zod';

export const getStars = task(
  async (repo: string, api: string) => {
    const response = await fetch(`${api}/repos/${repo}`, { signal: runContext().signal });
    if (!response.ok) throw new Error(`${repo}: HTTP ${response.status}`, { cause: response });
    const { stargazers_count: count } = (await response.json()) as { stargazers_count?: number };
    if (count === undefined) throw new Error(`${repo}: the answer has no stargazers_count`);
    console.log(`${repo} has ${count} stars!`);
    return count;
  },
  { retries: 3, retryDelaySeconds: exponential(0.5), timeoutSeconds: 10 },
);

export const githubStars = flow(
  async ({ repos, api }) => {
    return await getStars.map(repos, { with: [api], concurrency: 8 });
  },
  {
    name: 'GitHub Stars',
    parameters: z.object({
      repos: z.array(z.string()).default(['PrefectHQ/prefect']),
      api: z.url().default('https://api.github.com'),
    }),
  },
);

if (import.meta.main) await githubStars();
