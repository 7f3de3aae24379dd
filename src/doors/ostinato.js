/**
 * What `import … from 'ostinato'` loads. Its types are those of `src/index.ts`. The SDK may be that of another copy of the package, which was
 * loaded before: see `src/platform/copies.ts`.
 */
import { load } from './copy.js';

export const {
  CachePolicy, DEFAULT, FLOW_PARAMETERS, FlowFuture, INPUTS, NO_CACHE, OstinatoError, ProgressArtifact, RUN, SOURCE,
  TaskFuture, TerminalError, allowFailure, artifacts, asCompleted, asyncRunner, cacheFolder, cacheKey, cancelled, completed, crashed,
  currentRun, currentTransaction, exponential, failed, flow, isFlow, opaque, processRunner, runContext, task, threadRunner,
  transaction, unmapped, variables, wait, withTags, zipped,
} = load('platform/copies').sdkOfProcess();
