/**
 * What `import … from 'ostinato'` loads: switches the compile cache on, then hands over to `index.ts`, whose types it has.
 *
 * Static imports are compiled before any line runs, so the cache must be on one file earlier. `require` and not a top-level
 * `await import`: CommonJS programs can load a door only when no module behind it awaits.
 */

import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { enableCompileCache } from './platform/compile-cache.ts';

enableCompileCache();
const sdk = createRequire(import.meta.url)(fileURLToPath(new URL('./index.ts', import.meta.url))) as typeof import('./index.ts');

export const {
  CachePolicy, DEFAULT, FLOW_PARAMETERS, FlowFuture, INPUTS, NO_CACHE, OstinatoError, ProgressArtifact, RUN, SOURCE,
  TaskFuture, TerminalError, allowFailure, artifacts, asCompleted, asyncRunner, cacheFolder, cacheKey, cancelled, completed, crashed,
  currentRun, currentTransaction, exponential, failed, flow, isFlow, opaque, processRunner, runContext, task, threadRunner,
  transaction, unmapped, variables, wait, withTags, zipped,
} = sdk;
