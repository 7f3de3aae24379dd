/**
 * A process that a worker keeps spare: it has loaded this program, and waits to be told for which run it is. Then it is
 * what the worker would have started: one run's process, with that run's folder and environment.
 *
 * 1. It runs one run, and ends: nothing of a run is there for another one.
 * 2. Before it is told, no file of a user is loaded, and nothing is read from folder or environment.
 * 3. A worker that is gone closes the way by which it would tell: the process ends.
 */

import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

import { firstParameterKeys } from '../platform/function-parameters.ts';
import { packageFolder } from '../platform/own-package.ts';
import type { SpareOrder } from '../platform/spare-process.ts';

/** Answers the exit code, as `main` does. */
export async function runSpare(main: (words: readonly string[]) => Promise<number>): Promise<number> {
  await preload();
  const told = await text(process.stdin);
  if (told === '') return 0;
  const { words, folder, environment } = JSON.parse(told) as SpareOrder;
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  Object.assign(process.env, environment);
  process.chdir(folder);
  process.argv.splice(2, process.argv.length, ...words);
  return await main(words);
}

/** What the command, the file of a flow and the first request would load. */
async function preload(): Promise<void> {
  // By itself: it requires modules that must not be under way.
  await import(pathToFileURL(join(packageFolder, 'src', 'doors', 'ostinato.js')).href);
  await Promise.all([
    import('./commands/flow-run.ts'),
    import('./execute-run.ts'),
    import('./open-client.ts'),
    import('../sdk/open-http.ts'),
    import('../sdk/runtime.ts'),
    import('../client/http/steps.ts'),
    // Node loads what sends requests, and we the reader of functions, with the first use: 30 ms.
    fetch('data:,'),
  ]);
  firstParameterKeys(({ a }: { readonly a: number }) => a);
}
